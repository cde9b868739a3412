import { KubeError, type Selection } from '../../kube/api.ts';

/** The selection in a query; `BadRequest` for selectors other than equality. */
export function requestSelection(namespace: string, query: URLSearchParams): Selection {
  return {
    labels: equalities(query.get('labelSelector') ?? ''),
    fields: equalities(query.get('fieldSelector') ?? ''),
    ...(namespace === '' ? {} : { namespace }),
  };
}

function equalities(selector: string): Record<string, string> {
  const terms = selector.split(',').filter((term) => term.trim() !== '');
  return Object.fromEntries(
    terms.map((term) => {
      const [, key = '', value = ''] = /^\s*([^=!\s()]+)\s*==?\s*([^=!\s()]*)\s*$/.exec(term) ?? [];
      if (key === '') throw new KubeError(400, 'BadRequest', `only key=value can be selected, not "${term}"`);
      return [key, value];
    }),
  );
}

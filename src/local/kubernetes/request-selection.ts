import { KubeError, type Selection } from '../../kube/api.ts';
import { memberOf } from './json.ts';

/** Which objects a list or a watch asks for. */
export interface RequestSelection {
  selection: Selection;
  /** Whether an object has the fields that were asked for. */
  hasFields: (object: unknown) => boolean;
}

/** The selection in a query; `BadRequest` for selectors other than equality. */
export function requestSelection(namespace: string, query: URLSearchParams): RequestSelection {
  const labels = Object.fromEntries(equalities(query.get('labelSelector') ?? ''));
  const fields = equalities(query.get('fieldSelector') ?? '');
  return {
    selection: { labels, ...(namespace === '' ? {} : { namespace }) },
    hasFields: (object) => fields.every(([path, value]) => fieldAt(object, path) === value),
  };
}

function equalities(selector: string): [key: string, value: string][] {
  const terms = selector.split(',').filter((term) => term.trim() !== '');
  return terms.map((term) => {
    const [, key = '', value = ''] = /^\s*([^=!\s()]+)\s*==?\s*([^=!\s()]*)\s*$/.exec(term) ?? [];
    if (key === '') throw new KubeError(400, 'BadRequest', `only key=value can be selected, not "${term}"`);
    return [key, value];
  });
}

function fieldAt(object: unknown, path: string): string {
  const value = path.split('.').reduce<unknown>(memberOf, object);
  return typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
}

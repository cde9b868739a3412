import type { ObjectRef, ResourceKind } from '../../kube/api.ts';
import * as known from '../../kube/kinds.ts';

/** The kinds that the server has. */
export const SERVED_KINDS: readonly ResourceKind[] = Object.values(known);

/** What a path of the API is about: all objects of a kind, or one of them, or a part of it. */
export interface ResourceTarget {
  kind: ResourceKind;
  /** '' for all namespaces, or a kind without. */
  namespace: string;
  name: string | undefined;
  /** status, scale, eviction, log. */
  part: string | undefined;
}

const PATH =
  /^\/(?:api|apis\/([^/]+))\/([^/]+)(?:\/namespaces\/([^/]+))?\/([^/]+)(?:\/([^/]+)(?:\/([^/]+))?)?\/?$/;

/** What a URL path is about, undefined if it is no resource of the server. */
export function resourceTarget(path: string): ResourceTarget | undefined {
  const match = PATH.exec(path);
  if (match === null) return undefined;
  const [group = '', version = '', namespace = '', plural = '', name, part] = match.slice(1).map(decoded);
  const kind = SERVED_KINDS.find(
    (each) => each.group === group && each.version === version && each.plural === plural,
  );
  return kind === undefined ? undefined : { kind, namespace, name, part };
}

/** The object that a path names. */
export function targetRef(target: ResourceTarget): ObjectRef {
  return { namespace: target.namespace, name: target.name ?? '' };
}

function decoded(segment: string | undefined): string | undefined {
  if (segment === undefined) return undefined;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

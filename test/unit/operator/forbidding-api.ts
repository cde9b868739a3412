import type { KubeObject } from '../../../src/api/object-type.ts';
import { KubeError, type KubeApi, type ResourceKind } from '../../../src/kube/api.ts';

/** An API whose user may not read the kinds whose plurals are in `forbidden`, which may change at any time. */
export function forbiddingApi(inner: KubeApi, forbidden: ReadonlySet<string>): KubeApi {
  const check = <T extends KubeObject>(kind: ResourceKind<T>): void => {
    if (!forbidden.has(kind.plural)) return;
    throw new KubeError(403, 'Forbidden', `${kind.plural} is forbidden: User "operator" cannot list it`);
  };
  return {
    get: async (kind, ref) => {
      check(kind);
      return inner.get(kind, ref);
    },
    list: async (kind, selection) => {
      check(kind);
      return inner.list(kind, selection);
    },
    watch: async (kind, options, onEvent) => {
      check(kind);
      return inner.watch(kind, options, onEvent);
    },
    create: (kind, object) => inner.create(kind, object),
    apply: (kind, object, options) => inner.apply(kind, object, options),
    patch: (kind, ref, operations, options) => inner.patch(kind, ref, operations, options),
    delete: (kind, ref, options) => inner.delete(kind, ref, options),
    evict: (ref, options) => inner.evict(ref, options),
  };
}

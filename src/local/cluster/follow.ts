import type { KubeObject } from '../../api/object-type.ts';
import { KubeError, type KubeApi, type ResourceKind, type Selection } from '../../kube/api.ts';
import { pause } from '../until.ts';

const RETRY_MS = 1_000;

/** What happened to an object; `SEEN` are those that are there at first, and again whenever events may have been missed. */
export type Followed<T extends KubeObject> =
  { type: 'SEEN'; objects: T[] } | { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: T };

/**
 * Tells of all objects of a selection and of all that happens to them, until `signal` aborts. Unless it `persists`, rejects with
 * KubeError if the first list fails, or when nobody answers any more.
 */
export async function follow<T extends KubeObject>(
  api: KubeApi,
  kind: ResourceKind<T>,
  options: Selection & { signal: AbortSignal; persists?: boolean },
  onChange: (change: Followed<T>) => void,
): Promise<void> {
  const { persists = false } = options;
  let version: string | undefined = persists ? undefined : await listOnce(api, kind, options, onChange);
  while (!options.signal.aborted) {
    try {
      version ??= await listOnce(api, kind, options, onChange);
      await api.watch(kind, { ...options, resourceVersion: version }, (event) => {
        if (event.type === 'BOOKMARK') {
          version = event.resourceVersion;
          return;
        }
        version = event.object.metadata.resourceVersion ?? version;
        onChange(event);
      });
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      if (error.reason === 'Unreachable' && !persists) throw error;
      await pause(RETRY_MS);
      // What happened meanwhile is not known any more.
      if (error.reason === 'Expired' || error.reason === 'Silent') version = undefined;
    }
  }
}

async function listOnce<T extends KubeObject>(
  api: KubeApi,
  kind: ResourceKind<T>,
  selection: Selection,
  onChange: (change: Followed<T>) => void,
): Promise<string> {
  const { items, resourceVersion } = await api.list(kind, selection);
  onChange({ type: 'SEEN', objects: items });
  return resourceVersion;
}

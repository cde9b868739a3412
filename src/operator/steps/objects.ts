import type { KubeObject } from '../../api/object-type.ts';
import { KubeError, type KubeErrorReason, type ResourceKind } from '../../kube/api.ts';
import { PODS } from '../../kube/kinds.ts';
import { kindNamed } from './known-kinds.ts';
import { FIELD_MANAGER, type StepContext, type StepOf } from './step-context.ts';

/** Makes an object; one of that name that is there already is left as it is. */
export async function createObject({ api, wrote }: StepContext, object: KubeObject): Promise<void> {
  const kind = kindNamed(object.kind);
  await unless('AlreadyExists', async () => {
    wrote(kind, await api.create(kind, object));
  });
}

/**
 * Makes a pod of the cluster; one that was made already is left as it is. Rejects with `AlreadyExists` if the name is that of
 * a pod of somebody else.
 */
export async function createPod({ api, cluster, wrote }: StepContext, pod: KubeObject): Promise<void> {
  try {
    wrote(PODS, await api.create<KubeObject>(PODS, pod));
  } catch (error) {
    if (!(error instanceof KubeError && error.reason === 'AlreadyExists')) throw error;
    const { namespace = '', name } = pod.metadata;
    const found = await api.get(PODS, { namespace, name });
    const { ownerReferences = [] } = found.metadata;
    if (!ownerReferences.some(({ uid }) => uid === cluster.uid)) throw error;
    // Nothing is planned until the caches have it, too.
    wrote(PODS, found);
  }
}

export async function applyObject({ api, wrote }: StepContext, object: KubeObject): Promise<void> {
  const kind = kindNamed(object.kind);
  wrote(kind, await api.apply(kind, object, { fieldManager: FIELD_MANAGER }));
}

/** Deletes the pod that was meant, with its own grace period, unless it is gone or going. */
export async function deletePod(context: StepContext, { name, uid }: StepOf<'deletePod'>): Promise<void> {
  const { api, namespace } = context;
  await unless('NotFound', async () => {
    // The caches may lag; nothing is taken away on their word alone.
    const { metadata } = await api.get(PODS, { namespace, name });
    if (metadata.uid !== uid || metadata.deletionTimestamp !== undefined) return;
    await deleteObject(context, PODS, { name, uid });
    context.wrote(PODS, await api.get(PODS, { namespace, name }));
  });
}

/** Deletes the object of this name and uid, if it is there. */
export async function deleteObject(
  { api, namespace }: StepContext,
  kind: ResourceKind,
  { name, uid }: { name: string; uid: string },
): Promise<void> {
  await unless('NotFound', () => unless('Conflict', () => api.delete(kind, { namespace, name }, { uid })));
}

/** Takes an annotation away, if it is there. */
export async function removeAnnotation(
  { api, namespace, wrote }: StepContext,
  { kind: kindName, name, key }: StepOf<'removeAnnotation'>,
): Promise<void> {
  const kind = kindNamed(kindName);
  const ref = { namespace, name };
  await unless('NotFound', async () => {
    const { metadata } = await api.get(kind, ref);
    const value = metadata.annotations?.[key];
    if (value === undefined) return;
    const path = `/metadata/annotations/${pointerToken(key)}`;
    wrote(
      kind,
      await api.patch(kind, ref, [
        { op: 'test', path, value },
        { op: 'remove', path },
      ]),
    );
  });
}

/** RFC 6901 §3. */
function pointerToken(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** Passes over a refusal for this reason: what was asked for is so already. */
async function unless(reason: KubeErrorReason, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof KubeError && error.reason === reason)) throw error;
  }
}

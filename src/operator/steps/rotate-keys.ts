import { ANNOTATIONS } from '../../api/annotations.ts';
import type { JsonPatchOperation } from '../../kube/api.ts';
import { SECRETS } from '../../kube/kinds.ts';
import { keyData, keysIn, newKey } from './key-secret.ts';
import type { StepContext, StepOf } from './step-context.ts';

/**
 * Gives a ring the keys that it should have; those that it lacks are made. Nothing is done if it has others by now than it was
 * planned with. Rejects with KubeError, also if somebody writes to the Secret meanwhile.
 */
export async function rotateKeys(
  { api, namespace, wrote, wallMs }: StepContext,
  { ring, name, from, to }: StepOf<'rotateKeys'>,
): Promise<void> {
  const ref = { namespace, name };
  const secret = await api.get(SECRETS, ref);
  const present = keysIn(secret, ring);
  if (JSON.stringify(present.map(({ id }) => id)) !== JSON.stringify(from)) return;
  const keys = to.map((id) => present.find((key) => key.id === id) ?? newKey(id));
  const made = to.some((id) => !from.includes(id))
    ? { [ANNOTATIONS.keyMade.key]: new Date(wallMs()).toISOString() }
    : {};
  const { annotations, resourceVersion } = secret.metadata;
  const operations: JsonPatchOperation[] = [
    { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
    { op: 'replace', path: `/data/${ring}`, value: keyData(ring, keys)[ring] },
    { op: 'add', path: '/metadata/annotations', value: { ...annotations, ...made } },
  ];
  wrote(SECRETS, await api.patch(SECRETS, ref, operations));
}

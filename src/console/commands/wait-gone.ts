import { KubeError, type KubeApi, type ObjectRef, type ResourceKind } from '../../kube/api.ts';
import type { ConsoleContext } from '../console-context.ts';

const LOOK_EVERY_MS = 200;

/** An object that is to go; another of its name has another uid. */
export interface Leaving {
  kind: ResourceKind;
  ref: ObjectRef;
  uid: string | undefined;
}

/** Waits until an object is gone; false if `limitMs` was too short or the person interrupted. */
export async function goneWithin(
  api: KubeApi,
  { kind, ref, uid }: Leaving,
  context: Pick<ConsoleContext, 'nowMs' | 'pause' | 'interrupted'>,
  limitMs?: number,
): Promise<boolean> {
  const endMs = context.nowMs() + (limitMs ?? Infinity);
  while ((await uidOf(api, kind, ref)) === uid && uid !== undefined) {
    if (context.interrupted.aborted || context.nowMs() > endMs) return false;
    await context.pause(LOOK_EVERY_MS);
  }
  return true;
}

/** Undefined if there is no such object. */
async function uidOf(api: KubeApi, kind: ResourceKind, ref: ObjectRef): Promise<string | undefined> {
  try {
    return (await api.get(kind, ref)).metadata.uid;
  } catch (error) {
    if (error instanceof KubeError && error.reason === 'NotFound') return undefined;
    throw error;
  }
}

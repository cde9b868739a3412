import { DIALOG_SHARDS } from '../../kube/kinds.ts';
import { ownedMetadata } from '../../reconcile/owner.ts';
import type { Step } from '../../reconcile/plan-type.ts';
import { kindNamed } from './known-kinds.ts';
import {
  applyObject,
  createObject,
  createPod,
  deleteObject,
  deletePod,
  removeAnnotation,
} from './objects.ts';
import { newKeySecret } from './key-secret.ts';
import { rotateKeys } from './rotate-keys.ts';
import { storeRoster } from './roster.ts';
import { writeClusterStatus, writeShardStatus } from './status.ts';
import type { StepContext, StepOf } from './step-context.ts';

const ACTS: { [Type in Step['type']]: (context: StepContext, step: StepOf<Type>) => Promise<void> | void } = {
  createSecret: (context, { name, ring }) =>
    createObject(context, newKeySecret(ownedMetadata(context.cluster, name), ring)),
  createPod: (context, { object }) => createPod(context, object),
  createShard: (context, { object }) => createObject(context, object),
  applyObject: (context, { object }) => applyObject(context, object),
  rotateKeys,
  deletePod,
  deleteObject: (context, step) => deleteObject(context, kindNamed(step.kind), step),
  deleteShard: (context, step) => deleteObject(context, DIALOG_SHARDS, step),
  removeAnnotation,
  storeRoster,
  clusterStatus: writeClusterStatus,
  shardStatus: writeShardStatus,
  sendState: ({ wish }, { uid, state }) => {
    wish(uid, state);
  },
  event: ({ event }, step) => {
    event(step);
  },
};

/** How many steps of one type are under way at a time. */
const AT_ONCE = 8;

/** A step was left to whoever leads now. */
export class LeadershipLost extends Error {
  constructor() {
    super('this operator does not lead any more');
    this.name = 'LeadershipLost';
  }
}

/** A step that did not succeed. */
export interface FailedStep {
  step: Step;
  error: unknown;
}

/**
 * Performs the steps of a plan in order, neighbours of one type side by side. One that fails keeps the others from nothing,
 * but for a roster that was not stored: nothing is done after it.
 */
export async function perform(steps: readonly Step[], context: StepContext): Promise<FailedStep[]> {
  const failed: FailedStep[] = [];
  for (const planned of batchesOf(steps)) {
    const batch = planned.filter((step) => !isUntrue(step, failed));
    const results = await Promise.allSettled(batch.map((step) => performOne(step, context)));
    for (const [index, result] of results.entries()) {
      const step = batch[index];
      if (step !== undefined && result.status === 'rejected') failed.push({ step, error: result.reason });
    }
    if (failed.some(({ step }) => step.type === 'storeRoster')) break;
  }
  return failed;
}

/** Whether a step says of a pod that it was made, which was not. */
function isUntrue(step: Step, failed: readonly FailedStep[]): boolean {
  if (step.type !== 'event' || step.creationOf === undefined) return false;
  return failed.some((each) => each.step.type === 'createPod' && each.step.name === step.creationOf);
}

/** Neighbours of one type that do not depend on each other. */
function batchesOf(steps: readonly Step[]): Step[][] {
  const batches: Step[][] = [];
  for (const step of steps) {
    const last = batches.at(-1);
    if (last?.[0]?.type === step.type && last.length < AT_ONCE) last.push(step);
    else batches.push([step]);
  }
  return batches;
}

async function performOne(step: Step, context: StepContext): Promise<void> {
  if (!context.leads()) throw new LeadershipLost();
  // The table has for each type what takes steps of that type.
  const act = ACTS[step.type] as (context: StepContext, step: Step) => Promise<void> | void;
  await act(context, step);
}

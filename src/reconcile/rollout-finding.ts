import type { Finding } from './conditions.ts';
import { isLost } from './evidence.ts';
import { refusalText, troubleOf } from './pod-trouble.ts';
import type { PodView } from './pod-view.ts';
import { waitsForCalls } from './surplus.ts';
import type { World } from './world.ts';

/** A new pod that is not ready after this does not become so by itself. */
const STUCK_MS = 60_000;

/** Whether all pods are of the present template, and what keeps them from it. */
export function rolloutFinding(world: World): Finding {
  const living = world.pods.filter((pod) => !pod.dead && !isLost(pod, world));
  const old = living.filter((pod) => pod.templateHash !== world.templateHash);
  const type = 'UpToDate';
  if (old.length === 0)
    return { type, status: 'True', reason: 'AsDesired', message: 'all pods are of the present template' };
  const refusal = refusalText(world);
  const starting = startingPods(world);
  const isStuck = refusal !== undefined || starting.some((pod) => isLate(pod, world));
  const troubles = starting.map((pod) => `${pod.name}: ${troubleOf(pod) ?? 'it is not ready yet'}`);
  const waiting = old
    .filter((pod) => waitsForCalls(pod, world))
    .map((pod) => `${pod.name} is replaced when it has no calls`);
  const counted = `${old.length} of ${living.length} pods are of an older template`;
  return {
    ...{ type, status: 'False', reason: isStuck ? 'RolloutStuck' : 'RollingOut' },
    message: [counted, ...waiting, ...troubles, ...(refusal === undefined ? [] : [refusal])].join('; '),
  };
}

/** When the next new pod has been starting for too long, while others wait for it; else Infinity. */
export function stuckDueAtMs(world: World): number {
  const dues = startingPods(world).map((pod) => pod.createdAtMs + STUCK_MS);
  return Math.min(Infinity, ...dues.filter((due) => due > world.nowMs));
}

function startingPods({ pods, templateHash }: World): PodView[] {
  return pods.filter(
    (pod) => !pod.dead && !pod.terminating && !pod.ready && pod.templateHash === templateHash,
  );
}

function isLate({ createdAtMs }: PodView, { nowMs }: World): boolean {
  return nowMs - createdAtMs >= STUCK_MS;
}

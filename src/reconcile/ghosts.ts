import { conditionIn, type Finding } from './conditions.ts';
import { isAcquainted } from './evidence.ts';
import { timeOf } from './pod-view.ts';
import type { World } from './world.ts';

/** The last words of a process may arrive after its object has gone; for so long nothing is made of it. */
const FAREWELL_MS = 5000;

/**
 * Voters whose pod has no object any more, though most pods say that they are alive, by member id: cut off from their node's API
 * server, or deleted by force. They are replaced like pods that are gone, and epochs keep them from harm.
 */
export function ghosts(world: World): string[] {
  const { observed, pods } = world;
  const members = observed.cluster.status?.roster?.members ?? [];
  const witnesses = pods.filter((pod) => pod.reachable && isAcquainted(pod, world));
  return members
    .filter(({ pod, role }) => role === 'proxy' && pods.every((each) => each.member !== pod))
    .map(({ pod }) => pod)
    .filter((member) => {
      const words = witnesses.flatMap((pod) =>
        (pod.report?.status.members ?? []).filter((each) => each.pod === member),
      );
      return words.filter(({ alive }) => alive).length * 2 > words.length;
    });
}

/** `Unknown` until it has lasted for a while, since then `False`. */
export function ghostStatus(world: World): Finding['status'] {
  const dueAtMs = ghostsDueAtMs(world);
  return dueAtMs > world.nowMs ? 'Unknown' : 'False';
}

/** When ghosts are believed in. */
export function ghostsDueAtMs({ observed, nowMs }: World): number {
  const before = conditionIn(observed.cluster.status?.conditions, 'EvidenceAgrees');
  if (before === undefined || before.status === 'True') return nowMs + FAREWELL_MS;
  return before.status === 'False' ? nowMs : timeOf(before.lastTransitionTime) + FAREWELL_MS;
}

import { expect } from '@jest/globals';
import { memberId } from '../../../src/api/member-id.ts';
import type { Plan } from '../../../src/reconcile/plan-type.ts';
import type { SimulatedCluster } from './world.ts';

/** What must hold of every plan, whatever the cluster is going through. */
export function checkPlan(cluster: SimulatedCluster, planned: Plan): void {
  oneVoterAtATime(cluster, planned);
  onlyIdlePodsAreDeleted(cluster, planned);
  receiversHoldEverything(cluster, planned);
  expect(JSON.stringify(cluster.plan())).toBe(JSON.stringify(planned));
}

function oneVoterAtATime({ status }: SimulatedCluster, { steps }: Plan): void {
  const present = status?.roster;
  for (const step of steps) {
    if (step.type !== 'storeRoster' || present === undefined || step.status.number === present.number)
      continue;
    for (const [tag, epoch] of Object.entries(present.floor))
      expect(step.status.floor[tag]).toBeGreaterThanOrEqual(epoch);
    expect(step.status.number).toBeGreaterThan(present.number);
    if (step.status.generation !== present.generation) continue;
    const [was, is] = [present, step.status].map((roster) => roster.members.map((member) => member.pod));
    const added = is?.filter((pod) => was?.includes(pod) === false) ?? [];
    const removed = was?.filter((pod) => is?.includes(pod) === false) ?? [];
    expect(added.length + removed.length).toBe(1);
    expect(present.adoptedAt).toBeDefined();
  }
}

function onlyIdlePodsAreDeleted(cluster: SimulatedCluster, { steps }: Plan): void {
  const deleted = steps.flatMap((step) => (step.type === 'deletePod' ? [step.name] : []));
  // A single pod without calls has nobody to give its tags to.
  if (cluster.pods.length > 1) for (const name of deleted) expect(cluster.owned()[name]).toEqual([]);
  const gone = deleted.map((name) => memberId(name, cluster.pod(name).metadata.uid));
  for (const { inSync, owner } of cluster.tags.values()) {
    const hadCopies = inSync.length > 0 && owner !== '';
    // Without surge the calls of two pods are on one alone while the other is replaced.
    if (hadCopies && cluster.written['replicas'] !== 1 && cluster.pods.length - gone.length > 1)
      expect(inSync.filter((member) => !gone.includes(member))).not.toEqual([]);
  }
}

function receiversHoldEverything(cluster: SimulatedCluster, { steps }: Plan): void {
  const asked = steps.flatMap((step) => (step.type === 'sendState' ? step.state.handOver : []));
  for (const { tag, to } of asked) expect(cluster.tags.get(tag)?.inSync).toContain(to);
  expect(new Set(asked.map((each) => each.tag)).size).toBe(asked.length);
}

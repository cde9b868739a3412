import { describe, expect, it } from '@jest/globals';
import type { Plan } from '../../../src/reconcile/plan-type.ts';
import { plan } from '../../../src/reconcile/plan.ts';
import { settled } from './settled.ts';
import type { SimulatedCluster } from './world.ts';

/** A plan when the object of edge-1 is gone and the others go on hearing its process. */
function planWithGhost(cluster: SimulatedCluster): Plan {
  const observed = cluster.observed();
  return plan(
    { ...observed, pods: observed.pods.filter(({ metadata }) => metadata.name !== 'edge-1') },
    cluster.nowMs,
  );
}

function evidence({ steps }: Plan): string | undefined {
  for (const step of steps)
    if (step.type === 'clusterStatus')
      return step.status.conditions.find(({ type }) => type === 'EvidenceAgrees')?.status;
  return undefined;
}

function events({ steps }: Plan): string[] {
  return steps.flatMap((step) => (step.type === 'event' ? [step.eventReason] : []));
}

describe('a pod whose object is gone and whose process goes on', () => {
  it('is replaced, and after some seconds it is said that the evidence disagrees', () => {
    const cluster = settled();
    const first = planWithGhost(cluster);
    expect(first.steps.filter(({ type }) => type === 'createPod')).toHaveLength(1);
    expect(evidence(first)).toBe('Unknown');
    expect(events(first)).not.toContain('EvidenceDisagrees');
    expect(first.againAtMs).toBeLessThanOrEqual(cluster.nowMs + 5000);
    for (const step of first.steps)
      if (step.type === 'clusterStatus') cluster.status = { ...step.status, ...rosterOf(cluster) };
    cluster.nowMs += 5000;
    const second = planWithGhost(cluster);
    expect(evidence(second)).toBe('False');
    expect(events(second)).toContain('EvidenceDisagrees');
  });

  it('is nobody to speak of when its process has ended too', () => {
    const cluster = settled();
    cluster.kill('edge-1');
    expect(evidence(cluster.plan())).toBe('True');
  });
});

function rosterOf({ status }: SimulatedCluster): Pick<NonNullable<SimulatedCluster['status']>, 'roster'> {
  return status?.roster === undefined ? {} : { roster: status.roster };
}

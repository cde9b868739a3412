import { describe, expect, it } from '@jest/globals';
import type { Condition } from '../../../src/api/object-type.ts';
import { plan } from '../../../src/reconcile/plan.ts';
import { checkPlan } from './invariants.ts';
import { said, settled } from './settled.ts';
import type { SimulatedCluster } from './world.ts';

function condition({ status }: SimulatedCluster, type: string): Condition | undefined {
  return status?.conditions.find((each) => each.type === type);
}

/** A cluster whose new image does not start, long after it was asked for. */
function stuck(maxSurge: number): SimulatedCluster {
  const cluster = settled({ rollout: { maxSurge }, image: 'rehome:1' });
  for (const tag of cluster.tags.values()) tag.dialogs = 10;
  said(cluster);
  cluster.change({ image: 'rehome:2' });
  cluster.breaks = { trouble: 'its image rehome:2 cannot be pulled', failed: false };
  cluster.run(100, checkPlan);
  return cluster;
}

describe.each([1, 0])('an image that does not start (surge %i)', (maxSurge) => {
  it('stops the rollout at the first pod, with all others serving, and says why', () => {
    const cluster = stuck(maxSurge);
    expect(cluster.pods.filter((pod) => pod.ready)).toHaveLength(maxSurge === 1 ? 3 : 2);
    expect(cluster.pods.filter((pod) => !pod.ready)).toHaveLength(1);
    expect(condition(cluster, 'UpToDate')).toMatchObject({ status: 'False', reason: 'RolloutStuck' });
    expect(condition(cluster, 'UpToDate')?.message).toContain('its image rehome:2 cannot be pulled');
    expect(said(cluster)['RolloutStuck']).toBe(1);
    const { reason } = cluster.status?.pods.find(({ ready }) => !ready) ?? {};
    expect(reason).toBe('its image rehome:2 cannot be pulled');
  });

  it('is given up at once when the former image is written again: no other pod goes', () => {
    const cluster = stuck(maxSurge);
    const serving = cluster.pods.filter((pod) => pod.ready).map(({ metadata }) => metadata.uid);
    cluster.breaks = undefined;
    cluster.change({ image: 'rehome:1' });
    cluster.settle(60, checkPlan);
    expect(condition(cluster, 'UpToDate')?.status).toBe('True');
    expect(condition(cluster, 'Ready')?.status).toBe('True');
    const uids = cluster.pods.map(({ metadata }) => metadata.uid);
    expect(uids).toEqual(expect.arrayContaining(serving));
    expect(cluster.pods).toHaveLength(3);
    for (const tag of cluster.tags.values()) expect(tag.dialogs).toBe(10);
  });

  it('may be followed by a third one that does', () => {
    const cluster = stuck(maxSurge);
    cluster.breaks = undefined;
    cluster.change({ image: 'rehome:3' });
    cluster.settle(300, checkPlan);
    expect(condition(cluster, 'UpToDate')?.status).toBe('True');
    expect(cluster.pods).toHaveLength(3);
    expect(said(cluster)['RolloutFinished']).toBe(1);
  });
});

describe('a single pod without surge', () => {
  it('is replaced when it has no calls, and it is said that it waits for that', () => {
    const cluster = settled({ replicas: 1, rollout: { maxSurge: 0 } });
    const [tag] = cluster.tags.values();
    if (tag === undefined) throw new Error('no tag');
    tag.dialogs = 1;
    cluster.run(15);
    cluster.change({ image: 'rehome:2' });
    cluster.settle(60, checkPlan);
    expect(condition(cluster, 'UpToDate')).toMatchObject({
      reason: 'RollingOut',
      message: '1 of 1 pods are of an older template; edge-0 is replaced when it has no calls',
    });
    tag.dialogs = 0;
    cluster.settle(300, checkPlan);
    expect(condition(cluster, 'UpToDate')?.status).toBe('True');
  });
});

describe('pods that Kubernetes does not take', () => {
  it('are named in the conditions, with its words', () => {
    const cluster = settled();
    cluster.kill('edge-1');
    const refusedPods = [{ name: 'edge-1', why: 'exceeded quota: pods' }];
    const { steps } = plan({ ...cluster.observed(), refusedPods }, cluster.nowMs);
    const [status] = steps.flatMap((step) => (step.type === 'clusterStatus' ? [step.status] : []));
    expect(status?.conditions.find(({ type }) => type === 'Ready')).toMatchObject({
      reason: 'PodsMissing',
      message: '2 of 3 pods are there; Kubernetes does not take edge-1: exceeded quota: pods',
    });
  });

  it('stop a rollout, which says so', () => {
    const cluster = settled();
    cluster.change({ image: 'rehome:2' });
    const refusedPods = [{ name: 'edge-3', why: 'exceeded quota: pods' }];
    const { steps } = plan({ ...cluster.observed(), refusedPods }, cluster.nowMs);
    const [status] = steps.flatMap((step) => (step.type === 'clusterStatus' ? [step.status] : []));
    expect(status?.conditions.find(({ type }) => type === 'UpToDate')).toMatchObject({
      reason: 'RolloutStuck',
      message: '3 of 3 pods are of an older template; Kubernetes does not take edge-3: exceeded quota: pods',
    });
  });

  it('at their node fail at once, and are made again some times a minute only', () => {
    const cluster = settled();
    cluster.breaks = { trouble: 'SysctlForbidden: forbidden sysctl', failed: true };
    cluster.kill('edge-1');
    let made = 0;
    cluster.run(60, (world, planned) => {
      checkPlan(world, planned);
      made += planned.steps.filter(({ type }) => type === 'createPod').length;
    });
    expect(made).toBeGreaterThan(2);
    expect(made).toBeLessThanOrEqual(7);
    expect(condition(cluster, 'Ready')?.message).toContain('SysctlForbidden: forbidden sysctl');
  });
});

import { describe, expect, it } from '@jest/globals';
import type { Observed } from '../../../src/reconcile/observed.ts';
import { plan } from '../../../src/reconcile/plan.ts';
import { settled } from './settled.ts';

/** A settled cluster whose other pods say that edge-0 is dead, though its kubelet has called it ready for so long. */
function accused(readyForMs: number, witnessesReadyForMs: number): { observed: Observed; nowMs: number } {
  const cluster = settled();
  const observed = cluster.observed();
  const { nowMs } = cluster;
  const member = observed.pods.find(({ metadata }) => metadata.name === 'edge-0')?.report?.status.pod ?? '';
  expect(member).not.toBe('');
  for (const pod of observed.pods) {
    const isAccused = pod.metadata.name === 'edge-0';
    pod.readySinceMs = nowMs - (isAccused ? readyForMs : witnessesReadyForMs);
    if (isAccused || pod.report === undefined) continue;
    pod.report.status.members = [
      { pod: member, role: 'proxy', alive: false, linked: false, voter: true },
      ...pod.report.status.members.filter((each) => each.pod !== member),
    ];
  }
  return { observed, nowMs };
}

function eventsOf({ observed, nowMs }: { observed: Observed; nowMs: number }): string[] {
  return plan(observed, nowMs).steps.flatMap((step) => (step.type === 'event' ? [step.eventReason] : []));
}

describe('when kubelet and mesh disagree on a pod', () => {
  it('that is said, and the pod is not replaced', () => {
    const world = accused(60_000, 60_000);
    expect(eventsOf(world)).toContain('EvidenceDisagrees');
    const { steps } = plan(world.observed, world.nowMs);
    expect(steps.filter(({ type }) => type === 'deletePod' || type === 'createPod')).toEqual([]);
  });

  it.each([
    ['the pod', 1000, 60_000],
    ['who says so', 60_000, 1000],
  ])('nothing is said while %s is new', (_who, readyForMs, witnessesReadyForMs) => {
    expect(eventsOf(accused(readyForMs, witnessesReadyForMs))).not.toContain('EvidenceDisagrees');
  });
});

/** A settled cluster in which edge-0 calls itself ready, and its kubelet has called it unready for so long. */
function doubted(unreadyForMs: number): { observed: Observed; nowMs: number } {
  const cluster = settled();
  const observed = cluster.observed();
  const pod = observed.pods.find(({ metadata }) => metadata.name === 'edge-0');
  if (pod === undefined) throw new Error('no pod');
  pod.ready = false;
  pod.readySinceMs = cluster.nowMs - unreadyForMs;
  return { observed, nowMs: cluster.nowMs };
}

function handOvers({ observed, nowMs }: { observed: Observed; nowMs: number }): number {
  const pod = observed.pods.find(({ metadata }) => metadata.name === 'edge-0');
  return plan(observed, nowMs).steps.flatMap((step) =>
    step.type === 'sendState' && step.uid === pod?.metadata.uid ? step.state.handOver : [],
  ).length;
}

describe('when a pod calls itself ready and its kubelet does not', () => {
  it('nothing is done at first, and that is when it is looked at again', () => {
    const world = doubted(10_000);
    expect(handOvers(world)).toBe(0);
    expect(eventsOf(world)).not.toContain('EvidenceDisagrees');
    expect(plan(world.observed, world.nowMs).againAtMs).toBeLessThanOrEqual(world.nowMs + 5000);
  });

  it('that is said after a while', () => {
    const world = doubted(20_000);
    expect(eventsOf(world)).toContain('EvidenceDisagrees');
    expect(handOvers(world)).toBe(0);
    expect(plan(world.observed, world.nowMs).againAtMs).toBeLessThanOrEqual(world.nowMs + 10_000);
  });

  it('the kubelet is believed in the end: no new call comes to the pod, and its calls are moved', () => {
    expect(handOvers(doubted(31_000))).toBeGreaterThan(0);
  });

  it('the kubelet of a node that is not ready is not believed', () => {
    const world = doubted(31_000);
    for (const node of world.observed.nodes) node.ready = false;
    expect(handOvers(world)).toBe(0);
  });
});

describe('a pod whose containers have ended', () => {
  it.each([
    ['is no death when it was emptied before', 'Leaving' as const, 0, false],
    ['is one when it had tags still', 'Leaving' as const, 4, true],
    ['is one when it was in service', 'Ready' as const, 0, true],
  ])('%s', (_what, phase, shards, isDeath) => {
    const cluster = settled();
    const observed = cluster.observed();
    const pod = observed.pods.find(({ metadata }) => metadata.name === 'edge-0');
    const status = observed.cluster.status?.pods.find(({ name }) => name === 'edge-0');
    if (pod === undefined || status === undefined) throw new Error('no pod');
    Object.assign(status, { phase, shards });
    Object.assign(pod, { phase: 'Succeeded', ended: true, ready: false });
    expect(eventsOf({ observed, nowMs: cluster.nowMs }).includes('PodDied')).toBe(isDeath);
  });
});

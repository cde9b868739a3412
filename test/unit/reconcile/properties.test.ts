import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { plan } from '../../../src/reconcile/plan.ts';
import type { Observed } from '../../../src/reconcile/observed.ts';
import { checkPlan } from './invariants.ts';
import { SimulatedCluster } from './world.ts';

/** Histories that are tried. */
const RUNS = 8;

const CORDON = 'sip.rehome.dev/cordon';
const MOVE_TO = 'sip.rehome.dev/move-to';

type Act = (cluster: SimulatedCluster, which: number, value: number) => void;

function nth<T>(items: readonly T[], which: number): T | undefined {
  return items[which % Math.max(1, items.length)];
}

function setAnnotation(metadata: { annotations?: Record<string, string> }, key: string, value: string): void {
  metadata.annotations = { ...metadata.annotations, [key]: value };
}

/** What may befall a cluster. */
const ACTS: Readonly<Record<string, Act>> = {
  kill: (cluster, which) => {
    const pod = nth(cluster.podNames, which);
    if (pod !== undefined) cluster.kill(pod);
  },
  delete: (cluster, which) => {
    const pod = nth(cluster.podNames, which);
    if (pod !== undefined) cluster.delete(pod);
  },
  cordon: (cluster, which) => {
    const pod = nth(cluster.pods, which);
    if (pod !== undefined) setAnnotation(pod.metadata, CORDON, '');
  },
  uncordon: (cluster, which) => {
    delete nth(cluster.pods, which)?.metadata.annotations?.[CORDON];
  },
  cordonNode: (cluster, which, value) => {
    const node = nth(cluster.nodes, which);
    if (node !== undefined) node.unschedulable = value % 2 === 0;
  },
  scale: (cluster, _, value) => {
    cluster.change({ replicas: 1 + (value % 5) });
  },
  template: (cluster, _, value) => {
    cluster.change({ image: `rehome:${value}` });
  },
  sicken: (cluster, which, value) => {
    const pod = nth(cluster.pods, which);
    if (pod !== undefined) pod.sick = value % 2 === 0;
  },
  loseNode: (cluster, which, value) => {
    const pod = nth(cluster.podNames, which);
    if (pod === undefined || cluster.pod(pod).node === '') return;
    if (value % 2 === 0) cluster.cutOff(pod);
    else cluster.heal(pod);
  },
  fillNodes: (cluster, _, value) => {
    cluster.scheduler.apart = value % 2 === 0;
  },
  breakPods: (cluster, which, value) => {
    cluster.breaks = value % 2 === 0 ? { trouble: 'broken', failed: which % 2 === 0 } : undefined;
  },
  load: (cluster, which, value) => {
    const tag = nth([...cluster.tags.values()], which);
    if (tag !== undefined) tag.dialogs = value;
  },
  move: (cluster, which, value) => {
    const shard = nth(cluster.shards, which);
    if (shard !== undefined) setAnnotation(shard.metadata, MOVE_TO, `edge-${value % 4}`);
  },
  restartOperator: (cluster) => {
    for (const pod of cluster.pods) pod.sentState = '';
  },
};

const acts = fc.array(
  fc.record({
    act: fc.constantFrom(...Object.keys(ACTS)),
    which: fc.nat(20),
    value: fc.nat(100),
    rounds: fc.nat(8),
  }),
  { maxLength: 8 },
);

/** Everything that holds a cluster up is taken away. */
function heal(cluster: SimulatedCluster): void {
  for (const node of cluster.nodes) {
    node.unschedulable = false;
    node.ready = true;
  }
  cluster.scheduler.apart = false;
  cluster.breaks = undefined;
  for (const pod of cluster.pods) {
    pod.sick = false;
    pod.startsIn = pod.broken?.failed === false && pod.node !== '' ? 2 : pod.startsIn;
    if (pod.broken?.failed === false) delete pod.broken;
    if (pod.cutOff !== undefined) cluster.heal(pod.metadata.name);
    delete pod.metadata.annotations?.[CORDON];
  }
  for (const shard of cluster.shards) delete shard.metadata.annotations?.[MOVE_TO];
}

/** Tags per pod but for those that a person moved. */
function evenCounts(cluster: SimulatedCluster): number[] {
  const isByHand = (tag: string): boolean => cluster.shard(tag).status?.lastMove?.cause === 'ByHand';
  return Object.values(cluster.owned()).map((tags) => tags.filter((tag) => !isByHand(tag)).length);
}

describe('a cluster, whatever befalls it,', () => {
  it.each([1, 0])(
    'comes to its goal within bounded time, and breaks no rule on the way (maxSurge %i)',
    (maxSurge) => {
      fc.assert(
        fc.property(acts, (history) => {
          const cluster = new SimulatedCluster({ shards: 6, rollout: { maxSurge } });
          cluster.run(12, checkPlan);
          for (const { act, which, value, rounds } of history) {
            ACTS[act]?.(cluster, which, value);
            cluster.run(rounds, checkPlan);
          }
          heal(cluster);
          cluster.settle(200, checkPlan);
          expect(cluster.pods).toHaveLength(cluster.spec.replicas);
          expect(cluster.status?.phase).toBe('Ready');
          const counts = evenCounts(cluster);
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
          const voters = cluster.status?.roster?.members.length;
          expect(voters).toBe(cluster.spec.replicas === 2 ? 3 : cluster.spec.replicas);
        }),
        { numRuns: RUNS },
      );
    },
  );
});

/** What nobody should ever write. */
const garbage = fc.constantFrom<unknown>(
  undefined,
  null,
  Number.NaN,
  Infinity,
  1e300,
  -1,
  '',
  'x',
  [],
  {},
  [null],
  true,
);

/** Puts garbage at a place inside a value that is reached by taking keys by number. */
function spoil(value: unknown, path: readonly number[], junk: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  const record = value as Record<string, unknown>;
  const key = nth(Object.keys(record), path[0] ?? 0);
  if (key === undefined) return;
  if (path.length > 1 && typeof record[key] === 'object' && record[key] !== null)
    spoil(record[key], path.slice(1), junk);
  else record[key] = junk;
}

function spoiled(
  observed: Observed,
  places: readonly { where: number; path: number[]; junk: unknown }[],
): Observed {
  const world = structuredClone(observed);
  const parts: unknown[] = [
    world.cluster.status,
    ...world.shards.map((shard) => shard.status),
    ...world.pods.map((pod) => pod.report),
    world.shards,
    world.pods,
    world.nodes,
  ];
  for (const { where, path, junk } of places) spoil(nth(parts, where), path, junk);
  return world;
}

describe('a world that should never be', () => {
  const cluster = new SimulatedCluster({ shards: 4 });
  cluster.settle();
  cluster.change({ replicas: 4 });
  cluster.run(5);

  it('is planned for all the same, whatever statuses and reports say', () => {
    const places = fc.array(
      fc.record({
        where: fc.nat(20),
        path: fc.array(fc.nat(12), { minLength: 1, maxLength: 5 }),
        junk: garbage,
      }),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(places, (spots) => {
        const world = spoiled(cluster.observed(), spots);
        const planned = plan(world, cluster.nowMs);
        expect(planned).toEqual(plan(world, cluster.nowMs));
        expect(planned.againAtMs).not.toBeNaN();
      }),
      { numRuns: 20 * RUNS },
    );
  });

  it('may have pods twice, shards of nobody, pods without node or address, and no time', () => {
    const world = cluster.observed();
    const [pod] = world.pods;
    const [shard] = world.shards;
    if (pod === undefined || shard === undefined) throw new Error('no pod or shard');
    world.pods.push(pod, { ...pod, nodeName: '', podIP: '', readySinceMs: Number.NaN });
    world.pods.push(
      { ...pod, metadata: { name: '' } },
      { ...pod, report: undefined, metadata: { name: 'other' } },
    );
    world.shards.push(shard, { ...shard, spec: undefined }, { ...shard, metadata: { name: 'twin' } });
    world.nodes.length = 0;
    for (const nowMs of [cluster.nowMs, 0, -1]) expect(() => plan(world, nowMs)).not.toThrow();
    const empty = { ...world, pods: [], shards: [] };
    expect(plan(empty, cluster.nowMs).steps.length).toBeGreaterThan(0);
  });

  it('may have epochs and rosters beyond all that the wire has: they count for nothing', () => {
    const world = cluster.observed();
    const [shard] = world.shards;
    const { status } = world.cluster;
    const roster = status?.roster;
    if (shard?.status === undefined || status === undefined || roster === undefined)
      throw new Error('no status');
    shard.status = { ...shard.status, epoch: 2 ** 40, vote: { epoch: 2 ** 33, pod: '', boot: '' } };
    world.cluster.status = {
      ...status,
      roster: { ...roster, floor: { ...roster.floor, 'edge-01': 2 ** 50 } },
    };
    world.cluster.metadata.annotations = { 'sip.rehome.dev/new-roster': 'by a test' };
    const { steps } = plan(world, cluster.nowMs);
    const stored = steps.find((step) => step.type === 'storeRoster');
    expect(Object.values(stored?.status.floor ?? {}).filter((epoch) => epoch > 2000)).toEqual([]);
    expect(steps.find((step) => step.type === 'shardStatus')?.status.epoch).toBeLessThan(2000);
  });

  it('may have one tag with two owners in one epoch: neither is asked for it', () => {
    const world = cluster.observed();
    const [first, second] = world.pods.map((pod) => pod.report);
    if (first === undefined || second === undefined) throw new Error('no reports');
    for (const report of [first, second])
      for (const tag of report.status.tags)
        Object.assign(tag, { owner: report.status.pod, epoch: 9, role: 'owner' });
    const planned = plan(world, cluster.nowMs);
    expect(planned).toEqual(plan(world, cluster.nowMs));
  });
});

import { describe, expect, it } from '@jest/globals';
import { decodeVoterFile } from '../../../src/gossip/index.ts';
import { cutBoth } from '../settled-world.ts';
import { SimCluster } from './sim-cluster.ts';
import type { SimOperator } from './sim-operator.ts';
import type { SimPod } from './sim-pod.ts';

const TAG = 'edge-00';

/** A cluster of that many pods that is well, and its operator. */
function made(replicas: number, seed = 1): { cluster: SimCluster; operator: SimOperator } {
  const cluster = new SimCluster(seed, { written: { replicas } });
  const operator = cluster.addOperator();
  settle(cluster);
  return { cluster, operator };
}

function settle(cluster: SimCluster, withinMs = 40_000): void {
  for (let ms = 0; ms < withinMs && cluster.unsettled().length > 0; ms += 250) cluster.world.run(250);
  expect(cluster.unsettled()).toEqual([]);
}

function actor(cluster: SimCluster): SimPod {
  const name = cluster.world.actor(TAG);
  const found = cluster.pods.find(({ member }) => member === name);
  if (found === undefined) throw new Error(`no pod acts for ${TAG}`);
  return found;
}

function other(cluster: SimCluster, than: SimPod): SimPod {
  const found = cluster.pods.find((pod) => pod !== than);
  if (found === undefined) throw new Error('there is no other pod');
  return found;
}

/** The epoch that the operator voted for, in the object. */
function voted(cluster: SimCluster): number {
  const { bytes } = cluster.objects.vote;
  return (bytes && decodeVoterFile(bytes)?.grants.find(({ tag }) => tag === TAG)?.epoch) ?? 0;
}

function recorded(cluster: SimCluster): number {
  return cluster.objects.shards.find(({ metadata }) => metadata.name === TAG)?.status?.epoch ?? 0;
}

function calls(cluster: SimCluster): number {
  return actor(cluster).process.records.get(TAG)?.size ?? 0;
}

function addCalls(cluster: SimCluster, count: number): void {
  for (let call = 0; call < count; call++)
    cluster.world.put(actor(cluster).member, `call ${String(call)}`, TAG);
  cluster.world.run(500);
}

describe('trace 4: three pods become two and the operator, and three again', () => {
  it('with the calls, one voter at a time, in one generation', () => {
    const { cluster } = made(3);
    addCalls(cluster, 5);
    cluster.objects.change({ replicas: 2 });
    settle(cluster);
    expect(cluster.objects.status?.roster).toMatchObject({ generation: 1, members: { length: 3 } });
    expect(cluster.objects.status?.roster?.members.map(({ role }) => role)).toContain('witness');
    expect(calls(cluster)).toBe(5);
    cluster.objects.change({ replicas: 3 });
    settle(cluster);
    expect(calls(cluster)).toBe(5);
    expect(cluster.objects.status?.roster?.members.map(({ role }) => role)).not.toContain('witness');
  });

  it('a pod that restarts meanwhile comes back with the newest roster', () => {
    const { cluster } = made(3);
    cluster.objects.change({ replicas: 2 });
    cluster.world.run(3000);
    actor(cluster).restart(500);
    settle(cluster);
    expect(cluster.objects.status?.roster?.generation).toBe(1);
  });
});

describe('trace 5: the operator’s vote', () => {
  it('stays when a report of an older epoch comes late: the next claim goes above it', () => {
    const { cluster, operator } = made(2);
    const { world } = cluster;
    const a = actor(cluster);
    const b = other(cluster, a);
    const before = world.epoch(TAG);
    a.process.call((mesh, nowMs) => {
      expect(mesh.handOver(TAG, b.member, nowMs)).toBeUndefined();
    });
    cutBoth(world, a.member, b.member);
    const asked = world.runUntil(() => (operator.witness?.vote?.granted[TAG] ?? 0) > before, 5000);
    expect(asked).toBeLessThan(5000);
    world.network.cut(operator.address, a.member);
    world.runUntil(() => voted(cluster) > before, 1000);
    expect(recorded(cluster)).toBe(before);
    a.vanish();
    world.network.healAll();
    expect(world.actsWithin(10_000, b.member, TAG)).toBeLessThan(10_000);
    expect(world.ledger.ownerOf(TAG, before + 1)).toBeUndefined();
    expect(world.epoch(TAG)).toBeGreaterThan(before + 1);
    settle(cluster);
  });

  it('an old leader that is cut off from the API answers one pod, the new one votes for the other: one acts', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const { cluster, operator } = made(2, seed);
      const { world } = cluster;
      const a = actor(cluster);
      const b = other(cluster, a);
      operator.cutOff = true;
      const next = cluster.addOperator();
      cutBoth(world, a.member, b.member);
      cutBoth(world, a.member, next.address);
      cutBoth(world, b.member, operator.address);
      world.run(1000);
      expect(world.actor(TAG)).toBe(a.member);
      expect(world.actsWithin(15_000, b.member, TAG)).toBeLessThan(15_000);
      expect(operator.leading).toBe(false);
      world.network.healAll();
      settle(cluster);
    }
  });
});

describe('trace 12: two of three pods are replaced at once', () => {
  it.each(['delete', 'vanish'] as const)(
    'by new ones with new ids, when they %s one after the other',
    (how) => {
      const { cluster } = made(3);
      addCalls(cluster, 8);
      const old = cluster.pods.map(({ member }) => member);
      const [first, second] = cluster.pods.filter((pod) => pod !== actor(cluster));
      first?.[how]();
      cluster.world.run(how === 'delete' ? 300 : 4000);
      second?.[how]();
      settle(cluster, 60_000);
      expect(calls(cluster)).toBe(8);
      expect(cluster.pods.filter(({ member }) => old.includes(member))).toHaveLength(1);
      expect(cluster.objects.status?.roster?.generation).toBe(1);
    },
  );
});

describe('trace 13: two pods, and the operator is away', () => {
  it('the survivor keeps its calls, takes nothing over, and does when the operator is back', () => {
    const { cluster, operator } = made(2);
    const { world } = cluster;
    addCalls(cluster, 4);
    const a = actor(cluster);
    const b = other(cluster, a);
    operator.kill();
    world.run(3000);
    expect(world.actor(TAG)).toBe(a.member);
    a.process.crash();
    world.run(6000);
    expect(world.actor(TAG)).toBeUndefined();
    expect(world.notes('claim-refused').some(({ pod }) => pod === b.member)).toBe(true);
    cluster.addOperator();
    expect(world.actsWithin(15_000, b.member, TAG)).toBeLessThan(15_000);
    expect(calls(cluster)).toBe(4);
  });
});

describe('an operator that dies', () => {
  it('after any number of steps is followed by one that goes on where it was', () => {
    for (let seed = 1; seed <= 4; seed++) {
      const { cluster, operator } = made(1, seed);
      cluster.objects.change({ replicas: 3 });
      operator.frailty = 0.08 * seed;
      for (let ms = 0; ms < 20_000; ms += 500) {
        cluster.world.run(500);
        if (cluster.operators.some(({ alive }) => alive)) continue;
        cluster.addOperator().frailty = 0.05 * seed;
      }
      expect(cluster.operators.length).toBeGreaterThan(2);
      for (const each of cluster.operators) each.frailty = 0;
      if (!cluster.operators.some(({ alive }) => alive)) cluster.addOperator();
      settle(cluster);
    }
  });
});

import { describe, expect, it } from '@jest/globals';
import type { TagReport } from '../../src/gossip/index.ts';
import { FIVE, cutBoth, expectSettled, settled, standbys } from './settled-world.ts';
import type { World } from './world.ts';

/* Holes that random seeds found in earlier versions of the protocol, each as the shortest story that showed it. */

function copyOf(world: World, pod: string): TagReport | undefined {
  const node = world.node(pod);
  return node.mesh?.report(node.clockMs).tags.find(({ tag }) => tag === 'T');
}

function isolate(world: World, lonely: string): void {
  for (const pod of world.nodes.keys()) if (pod !== lonely) cutBoth(world, lonely, pod);
}

describe('a standby that slept for 3 s', () => {
  it('is in sync no more, whatever heartbeats wait in its sockets', () => {
    const world = settled();
    const [first = ''] = standbys(world);
    expect(copyOf(world, first)?.inSync).toBe(true);
    const node = world.node(first);
    node.pause();
    world.run(900);
    node.resume();
    expect(copyOf(world, first)?.inSync).toBe(true);
    node.pause();
    world.run(3100);
    world.node('A').pause();
    node.resume();
    expect(copyOf(world, first)?.inSync).toBe(false);
    world.node('A').resume();
    expectSettled(world);
  });
});

describe('a holder that was dead when the owner was elected', () => {
  it('is fetched from when it comes back', () => {
    const world = settled({ pods: FIVE, replicationFactor: 1 });
    world.put('A', 'call');
    world.run(200);
    const [holder = ''] = standbys(world);
    isolate(world, holder);
    world.node('A').crash();
    expect(world.actsWithin(8000)).toBeLessThan(8000);
    const owner = world.node(world.actor() ?? '');
    expect(owner.name).not.toBe(holder);
    expect(owner.records.get('T')?.has('call') ?? false).toBe(false);
    world.network.healAll();
    expect(world.runUntil(() => owner.records.get('T')?.has('call') === true, 8000)).toBeLessThan(8000);
  });
});

describe('an end that a standby missed', () => {
  it('is found by comparing, though the owner holds no record of it', () => {
    const world = settled();
    world.put('A', 'call');
    world.run(200);
    const [first = ''] = standbys(world);
    isolate(world, first);
    world.run(2500);
    world.end('A', 'call');
    world.run(2500);
    expect(copyOf(world, first)).toMatchObject({ records: 1, ended: 0 });
    world.network.healAll();
    expectSettled(world);
    expect(copyOf(world, first)).toMatchObject({ records: 0, ended: 1 });
  });
});

describe('a comparison that is cut off', () => {
  it('leaves nothing behind that the next one takes for its own', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const world = settled({}, seed);
      world.network.weather = { ...world.network.weather, delayMs: [1, 12] };
      world.node('A').padding = 4000;
      for (let time = 0; time < 40; time++) {
        world.put('A', `call ${String(time)}`);
        if (time % 3 === 2) world.end('A', `call ${String(time - 2)}`);
        world.network.breakStream('A', time % 2 === 0 ? 'B' : 'C');
        world.run(world.random() * 120);
      }
      expectSettled(world);
      expect(copyOf(world, 'A')?.records).toBe(27);
    }
  });
});

describe('a handover whose receiver never hears of it', () => {
  it('does not keep the owner from claiming anew', () => {
    const world = settled();
    world.node('A').call((mesh, nowMs) => {
      expect(mesh.handOver('T', 'B', nowMs)).toBeUndefined();
    });
    cutBoth(world, 'A', 'B');
    world.run(500);
    expect(world.actor()).toBeUndefined();
    expect(world.actsWithin(4000, 'A')).toBeLessThan(2500);
    expect(world.epoch()).toBe(2);
    world.network.healAll();
    expectSettled(world);
    expect(world.actor()).toBe('A');
  });
});

import { describe, expect, it } from '@jest/globals';
import { THREE, settled, standbys, cutBoth, granted, expectSettled } from './settled-world.ts';
import { World } from './world.ts';

/*
 * The traces of OWNERSHIP 9: copies in traces-copies, rosters in traces-rosters, what an operator has a part in (5, and parts of 4, 12 and
 * 13) in operator/traces-operator, the others here. Not in any of them:
 *   15     the program forwards the record with the message: test/unit/proxy/calls/engine.test.ts; `Mesh.merge`: test/unit/gossip.
 *   16     the program counts CSeq: cseq.test.ts.
 */

describe('trace 2: a voter that granted refuses older frames', () => {
  it('so that what a superseded owner changes is not acknowledged, and merged later', () => {
    const world = settled();
    world.node('A').pause();
    for (const pod of ['B', 'C']) world.network.cut(pod, 'A');
    world.actsWithin(3000);
    const owner = world.actor() ?? '';
    world.node('A').resume();
    world.put('A', 'late');
    world.run(50);
    expect(world.ledger.protected.has('T late')).toBe(false);
    world.network.healAll();
    expectSettled(world);
    expect(world.actor()).toBe(owner);
    expect(world.node(owner).records.get('T')?.has('late')).toBe(true);
  });
});

describe('trace 6: an owner that cannot be heard', () => {
  it('cut one way: another takes over, and it has stopped by then', () => {
    const world = settled();
    for (const pod of ['B', 'C']) world.network.cut('A', pod);
    world.run(900);
    expect(world.actor()).toBeUndefined();
    expect(world.actsWithin(1500)).toBeLessThan(700);
    expect(world.actor()).not.toBe('A');
    world.network.healAll();
    expectSettled(world);
  });

  it('wakes from a pause with due timers: nothing leaves', () => {
    const world = settled();
    world.node('A').pause();
    world.run(3000);
    expect(['B', 'C']).toContain(world.actor());
    world.node('A').resume();
    expectSettled(world);
    expect(world.actor()).not.toBe('A');
  });
});

describe('trace 7: a lease after a grant', () => {
  it('is not renewed by a voter that granted a higher epoch; the owner goes on in a still higher one', () => {
    const world = settled();
    for (const pod of ['B', 'C']) world.network.cut('A', pod);
    const voted = (): boolean => ['B', 'C'].every((pod) => granted(world.node(pod)) === 2);
    expect(world.runUntil(voted, 3000)).toBeLessThan(3000);
    cutBoth(world, 'B', 'C');
    for (const pod of ['B', 'C']) world.network.heal('A', pod);
    world.run(150);
    expect(world.actor()).toBeUndefined();
    expect(world.actsWithin(3000, 'A')).toBeLessThan(3000);
    expect(world.node('A').mesh?.ownerOf('T')?.epoch).toBeGreaterThan(2);
    world.network.healAll();
    expectSettled(world);
  });
});

describe('trace 8: restarts that nobody noticed', () => {
  it('the tags of an owner that restarted at once get an owner that has the copies', () => {
    const world = settled();
    for (let call = 0; call < 20; call++) world.put('A', `call ${String(call)}`);
    world.run(50);
    world.node('A').crash(true);
    world.run(5);
    world.node('A').start();
    world.actsWithin(5000);
    expect(['B', 'C']).toContain(world.actor());
    expect(world.node(world.actor() ?? '').records.get('T')?.size).toBe(20);
  });

  it('a voter that answered a probe and restarts does not grant at once', () => {
    const world = settled();
    cutBoth(world, 'A', 'B');
    world.run(2000);
    expect(world.actor()).toBe('A');
    world.node('C').crash();
    world.run(20);
    world.node('C').start();
    const startedMs = world.nowMs;
    world.node('A').crash();
    world.node('B').refused('A');
    world.actsWithin(5000);
    expect(world.nowMs - startedMs).toBeGreaterThanOrEqual(1000);
  });
});

describe('trace 9: all pods restart at once', () => {
  it('service comes back within seconds', () => {
    const world = settled();
    for (const node of world.nodes.values()) node.crash();
    world.run(500);
    world.startAll();
    expect(world.actsWithin(10_000)).toBeLessThan(5000);
    expectSettled(world);
  });
});

describe('trace 10: a handover whose receiver dies', () => {
  it('after its claim was granted: the old owner goes on, alone', () => {
    const world = settled();
    const [to = '', other = ''] = standbys(world);
    world.put('A', 'call');
    world.run(50);
    world.node('A').call((mesh, nowMs) => {
      expect(mesh.handOver('T', to, nowMs)).toBeUndefined();
    });
    expect(world.actor()).toBeUndefined();
    world.runUntil(() => granted(world.node(other)) === 2, 1000);
    world.node(to).crash();
    expect(world.actsWithin(4000, 'A')).toBeLessThan(4000);
    expect(world.node('A').mesh?.ownerOf('T')?.epoch).toBeGreaterThan(2);
    world.run(2000);
    expect(world.actor()).toBe('A');
    expect(world.node('A').records.get('T')?.has('call')).toBe(true);
  });

  it('and a handover that goes well takes a few round trips and loses nothing', () => {
    const world = settled();
    const [to = ''] = standbys(world);
    for (let call = 0; call < 50; call++) world.put('A', `call ${String(call)}`);
    world.node('A').call((mesh, nowMs) => mesh.handOver('T', to, nowMs));
    expect(world.actsWithin(1000, to)).toBeLessThan(100);
    expect(world.node(to).records.get('T')?.size).toBe(50);
    expectSettled(world);
  });
});

describe('trace 11: two claimants on a slow and lossy network', () => {
  it('one is elected within 1.1 s of the evidence in 99 %, and few epochs are burnt', () => {
    const SEEDS = 200;
    const weather = {
      delayMs: [25, 35] as [number, number],
      loss: 0.1,
      duplicate: 0,
      reorder: 0,
      diskMs: [1, 5] as [number, number],
    };
    let late = 0;
    let epochs = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const world = new World(seed, { pods: THREE, preferred: new Map([['T', 'A']]), weather });
      world.startAll();
      world.actsWithin(8000, 'A');
      world.run(2000);
      world.node('A').crash(true);
      const dead = () =>
        world.log.filter(({ effect }) => effect.kind === 'member' && effect.pod === 'A' && !effect.alive)
          .length;
      world.runUntil(() => dead() === 2, 3000);
      const startMs = world.nowMs;
      world.runUntil(() => world.epoch() > 1, 5000);
      if (world.nowMs - startMs > 1100) late++;
      epochs += world.epoch() - 1;
    }
    expect(late).toBeLessThanOrEqual(SEEDS / 100);
    expect(epochs / SEEDS).toBeLessThan(1.2);
  });
});

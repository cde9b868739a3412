import { describe, expect, it } from '@jest/globals';
import { FIVE, settled, standbys, cutBoth, lost, expectSettled } from './settled-world.ts';

describe('trace 1: an acknowledged call outlives its owner', () => {
  it('under a standby that lacks it and claims first', () => {
    const world = settled();
    const [first = '', second = ''] = standbys(world);
    world.network.cut('A', first);
    world.put('A', 'call');
    world.run(5);
    expect(world.ledger.protected.get('T call')?.holders.has(second)).toBe(true);
    expect(world.node(first).mesh?.report(world.node(first).clockMs).tags[0]?.records).toBe(0);
    world.node('A').crash();
    world.network.heal('A', first);
    world.node(first).closed('A', 'remote');
    world.node(first).refused('A');
    world.actsWithin(3000);
    expect(world.actor()).toBe(first);
    expect(world.node(first).records.get('T')?.has('call')).toBe(true);
  });

  it('with five pods, when others elect the one that lacks it; it waits for the slow holder', () => {
    const world = settled({ pods: FIVE });
    const [holder = '', lacking = ''] = standbys(world);
    world.network.cut('A', lacking);
    world.put('A', 'call');
    world.run(5);
    world.node(holder).pause();
    world.node('A').crash();
    world.network.heal('A', lacking);
    world.node(lacking).closed('A', 'remote');
    world.node(lacking).refused('A');
    world.run(600);
    expect(world.node(lacking).mesh?.ownerOf('T')?.pod).toBe(lacking);
    expect(world.actor()).toBeUndefined();
    world.node(holder).resume();
    world.actsWithin(500, lacking);
    expect(lost(world, lacking)).toEqual([]);
    expect(world.node(lacking).records.get('T')?.has('call')).toBe(true);
  });

  it('when the survivor was in the middle of its snapshot', () => {
    const world = settled();
    const [first = '', second = ''] = standbys(world);
    world.node(first).crash();
    world.run(1500);
    for (let call = 0; call < 2500; call++) world.put('A', `call ${String(call).padStart(100, '-')}`);
    world.run(200);
    expect(world.ledger.protected.size).toBe(2500);
    world.node(first).start();
    const held = (): number =>
      world.node(first).mesh?.report(world.node(first).clockMs).tags[0]?.records ?? 0;
    world.runUntil(() => held() > 0, 1000);
    expect(held()).toBeLessThan(2500);
    world.node('A').crash();
    world.run(3000);
    const owner = world.actor() ?? '';
    expect([first, second]).toContain(owner);
    expect(lost(world, owner)).toEqual([]);
    expect(world.node(owner).records.get('T')?.size).toBe(2500);
  });
});

describe('trace 14: ends', () => {
  it('a BYE that an isolated owner relayed ends the call for good', () => {
    const world = settled();
    world.put('A', 'call');
    world.run(50);
    for (const pod of ['B', 'C']) cutBoth(world, 'A', pod);
    world.run(500);
    expect(world.actsWithin(3000)).toBeLessThan(3000);
    const owner = world.actor() ?? '';
    world.put(owner, 'call');
    world.end('A', 'call');
    world.run(100);
    world.network.healAll();
    expectSettled(world);
    expect(world.actor()).toBe(owner);
    expect(world.node(owner).records.get('T')?.has('call')).toBe(false);
  });

  it('a copy that slept for 20 minutes brings no ended call back', () => {
    const world = settled({ suspectAfterMs: 5000, probeIntervalMs: 1000 });
    for (let call = 0; call < 10; call++) world.put('A', `call ${String(call)}`);
    world.run(100);
    const [sleeper = ''] = standbys(world);
    world.node(sleeper).pause();
    world.run(8000);
    for (let call = 0; call < 10; call++) world.end('A', `call ${String(call)}`);
    world.run(20 * 60_000);
    world.node(sleeper).resume();
    expectSettled(world);
    expect(world.node('A').records.get('T')?.size).toBe(0);
  });
});

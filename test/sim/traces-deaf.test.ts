import { describe, expect, it } from '@jest/globals';
import { FIVE, THREE, expectSettled, settled } from './settled-world.ts';
import type { World } from './world.ts';

/** What the others send does not reach A; what A sends reaches them. */
function deafen(world: World, others: readonly string[]): void {
  for (const pod of others) world.network.cut(pod, 'A');
}

describe('a deaf owner: heard by all, hears nobody (decision 0007)', () => {
  it('has stopped by itself, and another takes over', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const world = settled({}, seed);
      world.put('A', 'call');
      world.run(50);
      deafen(world, ['B', 'C']);
      world.run(900);
      expect(world.actor()).toBeUndefined();
      expect(world.actsWithin(6000)).toBeLessThan(4500);
      expect(world.actor()).not.toBe('A');
      expect(
        world
          .node(world.actor() ?? '')
          .records.get('T')
          ?.has('call'),
      ).toBe(true);
      world.run(3000);
      world.network.healAll();
      expectSettled(world);
      expect(world.actor()).not.toBe('A');
    }
  });

  it('that hears again while its voters hold back goes on in a new epoch, alone', () => {
    const epochs = new Set<number>();
    for (let seed = 1; seed <= 20; seed++) {
      const world = settled({}, seed);
      deafen(world, ['B', 'C']);
      world.run(1250 + 60 * seed);
      world.network.healAll();
      expectSettled(world);
      epochs.add(world.epoch());
    }
    expect(epochs.has(2)).toBe(true);
  });

  it('that was deaf for a moment keeps its epoch', () => {
    const world = settled();
    deafen(world, ['B', 'C']);
    world.run(1100);
    expect(world.actor()).toBeUndefined();
    world.network.healAll();
    expect(world.actsWithin(500, 'A')).toBeLessThan(400);
    expect(world.epoch()).toBe(1);
  });

  it('to a minority only keeps its lease and its epoch', () => {
    const world = settled({ pods: FIVE });
    deafen(world, ['D', 'E']);
    for (let ms = 0; ms < 6000; ms += 100) {
      world.run(100);
      expect(world.actor()).toBe('A');
    }
    expect(world.epoch()).toBe(1);
  });

  it('whose voters were away finds its lease again in its epoch', () => {
    const world = settled();
    for (const pod of ['B', 'C']) world.node(pod).crash();
    world.run(8000);
    expect(world.actor()).toBeUndefined();
    for (const pod of THREE.slice(1)) world.node(pod).start();
    expect(world.actsWithin(2500, 'A')).toBeLessThan(2000);
    expect(world.epoch()).toBe(1);
  });
});

import { describe, expect, it } from '@jest/globals';
import { THREE, settled } from './settled-world.ts';
import { World } from './world.ts';

describe('figures', () => {
  it('a clean start places every tag on the pod that is named within 3 s of the last start', () => {
    const tags = ['T', 'U', 'V', 'W', 'X', 'Y'];
    const world = new World(3, { pods: THREE, tags });
    world.startAll();
    world.runUntil(() => tags.every((tag) => world.actor(tag) !== undefined), 10_000);
    expect(world.nowMs).toBeLessThan(3000);
    const owned = THREE.map((pod) => tags.filter((tag) => world.actor(tag) === pod).length);
    expect(owned).toEqual([2, 2, 2]);
  });

  it('a killed owner is replaced within 100 ms on a local network, a silent one within suspectAfter + 200 ms', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const killed = settled({}, seed);
      killed.node('A').crash();
      expect(killed.actsWithin(2000)).toBeLessThan(100);
      const silent = settled({}, seed);
      silent.node('A').crash(true);
      expect(silent.actsWithin(3000)).toBeLessThan(1200);
    }
  });
});

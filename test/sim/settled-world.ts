import { expect } from '@jest/globals';
import type { SimNode } from './node.ts';
import { World, type WorldOptions } from './world.ts';

export const THREE: string[] = ['A', 'B', 'C'];
export const FIVE: string[] = ['A', 'B', 'C', 'D', 'E'];

/** A cluster in which A owns T and every standby is in sync. */
export function settled(options: Partial<WorldOptions> = {}, seed = 1): World {
  const world = new World(seed, { pods: THREE, preferred: new Map([['T', 'A']]), ...options });
  world.startAll();
  expect(world.actsWithin(10_000, 'A')).toBeLessThan(8000);
  world.run(1500);
  return world;
}

/** The standbys that the owner lists, in order. */
export function standbys(world: World, owner = 'A'): string[] {
  const node = world.node(owner);
  return node.mesh?.report(node.clockMs).tags[0]?.standbys ?? [];
}

export function cutBoth(world: World, a: string, b: string): void {
  world.network.cut(a, b);
  world.network.cut(b, a);
}

export function lost(world: World, owner: string): string[] {
  const alive = (pod: string, process: number): boolean => world.node(pod).process === process;
  return world.ledger.missing('T', world.node(owner), alive).map((record) => record.key);
}

export function granted(node: SimNode): number {
  return node.mesh?.report(node.clockMs).granted.get('T') ?? 0;
}

export function expectSettled(world: World, withinMs = 10_000): void {
  for (let ms = 0; ms < withinMs && world.unsettled().length > 0; ms += 100) world.run(100);
  expect(world.unsettled()).toEqual([]);
}

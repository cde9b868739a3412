import { describe, expect, test } from '@jest/globals';
import { World } from './world.ts';

const LIMIT_MS = 60_000;

describe('an operator', () => {
  test(
    'makes pods, tags and a roster of all, and says so',
    async () => {
      const world = new World();
      await world.start();
      await world.untilSettled(3);
      expect(Object.keys(await world.owners()).sort()).toEqual(['edge-0', 'edge-1', 'edge-2']);
      const { status } = await world.cluster();
      expect(status?.roster?.members).toHaveLength(3);
      expect(status?.conditions.filter((each) => each.status !== 'True').map(({ type }) => type)).toEqual([
        'Moving',
      ]);
    },
    LIMIT_MS,
  );
});

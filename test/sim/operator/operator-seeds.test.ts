import { describe, expect, it } from '@jest/globals';
import { runOperatorChaos } from './operator-chaos.ts';

const SEEDS = 24;
const BLOCK = 6;

describe('random faults to a cluster with its operator', () => {
  for (let from = 1; from <= SEEDS; from += BLOCK)
    it(`seeds ${String(from)} to ${String(from + BLOCK - 1)} keep every promise, and end as the objects say`, () => {
      const broken: string[] = [];
      let takenOver = 0;
      let rosters = 0;
      let operators = 0;
      for (let seed = from; seed < from + BLOCK; seed++)
        try {
          const outcome = runOperatorChaos(seed);
          takenOver += outcome.takenOver;
          rosters += outcome.rosters;
          operators += outcome.operators;
        } catch (error) {
          broken.push(`seed ${String(seed)}: ${String(error)}`);
        }
      expect(broken).toEqual([]);
      expect(takenOver).toBeGreaterThan(BLOCK * 5);
      expect(rosters).toBeGreaterThan(BLOCK * 3);
      expect(operators).toBeGreaterThan(BLOCK);
    }, 120_000);
});

import { describe, expect, it } from '@jest/globals';
import { runChaos } from './chaos.ts';

const SEEDS = 200;
const BLOCK = 20;

describe('random faults', () => {
  for (let from = 1; from <= SEEDS; from += BLOCK)
    it(`seeds ${String(from)} to ${String(from + BLOCK - 1)} keep every promise`, () => {
      const broken: string[] = [];
      let takenOver = 0;
      let protectedRecords = 0;
      for (let seed = from; seed < from + BLOCK; seed++)
        try {
          const outcome = runChaos({ seed });
          takenOver += outcome.takenOver;
          protectedRecords += outcome.protectedRecords;
        } catch (error) {
          broken.push(`seed ${String(seed)}: ${String(error)}`);
        }
      expect(broken).toEqual([]);
      expect(takenOver).toBeGreaterThan(BLOCK);
      expect(protectedRecords).toBeGreaterThan(BLOCK * 10);
    }, 60_000);
});

import { afterEach, beforeEach, describe } from '@jest/globals';
import type { ApiUnderTest, Implementation } from './api-under-test.ts';

/** Describes what an implementation keeps: `its` is a new one for each test. */
export function describeApi([name, open]: Implementation, tests: (its: ApiUnderTest) => void): void {
  describe(`${name}:`, () => {
    const its = {} as ApiUnderTest;

    beforeEach(async () => {
      Object.assign(its, await open());
    });

    tests(its);

    // What the tests have to end comes before.
    afterEach(() => its.close());
  });
}

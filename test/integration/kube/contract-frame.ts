import { afterEach, beforeEach, describe } from '@jest/globals';
import type { ApiUnderTest, Implementation } from './api-under-test.ts';

/** Describes what an implementation keeps: `its` is a new one for each test. */
export function describeApi([name, open]: Implementation, tests: (its: ApiUnderTest) => void): void {
  describe(`${name}:`, () => {
    const its = {} as ApiUnderTest;
    let close = (): Promise<void> => Promise.resolve();

    beforeEach(async () => {
      close = Object.assign(its, await open()).close;
    });

    tests(its);

    // What the tests have to end comes before.
    afterEach(() => close());
  });
}

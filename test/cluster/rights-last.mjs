const LAST = /\/rbac\.test\.ts$/;

/** Runs the look at what everybody asked for after those who ask; else in the order of names. */
export default class RightsLast {
  sort(tests) {
    const place = ({ path }) => `${LAST.test(path) ? 1 : 0}${path}`;
    return [...tests].sort((a, b) => (place(a) < place(b) ? -1 : 1));
  }

  shard(tests) {
    return tests;
  }

  allFailedTests(tests) {
    return tests;
  }

  cacheResults() {
    // The order is always the same.
  }
}

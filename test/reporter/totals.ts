/** The counts of a run, as jest gives them to reporters. */
interface Results {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  numRuntimeErrorTestSuites: number;
}

/** Ends the output with one plain line for programs to read. */
export default class Totals {
  onRunComplete(_contexts: unknown, results: Results): void {
    // A file that does not load has no tests to fail.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    // Jest's own summary comes after all other reporters.
    process.once('exit', () => {
      process.stderr.write(`${results.numPassedTests} passed, ${failed} failed, ${skipped} skipped\n`);
    });
  }
}

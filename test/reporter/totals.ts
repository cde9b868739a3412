import { relative } from 'node:path';
import { cwd } from 'node:process';
import { stripVTControlCharacters } from 'node:util';

/** A test file, as jest gives it to reporters; the message is there where the file itself did not load. */
interface FileResult {
  testFilePath: string;
  testExecError?: { message?: string };
  testResults: { fullName: string; status: string; failureMessages: string[] }[];
}

/** The counts of a run, as jest gives them to reporters. */
interface Results {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  numRuntimeErrorTestSuites: number;
  testResults: FileResult[];
}

/** Lines of a failure that are told again: what was expected and received, without where. */
const LINES_TOLD = 14;

/** Ends the output with what failed, each line after a ✗, and one plain line of counts for programs to read. */
export default class Totals {
  onRunComplete(_contexts: unknown, results: Results): void {
    // A file that does not load has no tests to fail.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    const told = results.testResults.flatMap(failuresOf).map((line) => `✗ ${line}\n`);
    // Jest's own summary comes after all other reporters.
    process.once('exit', () => {
      process.stderr.write(
        `${told.join('')}${results.numPassedTests} passed, ${failed} failed, ${skipped} skipped\n`,
      );
    });
  }
}

function failuresOf({ testFilePath, testExecError, testResults }: FileResult): string[] {
  const file = relative(cwd(), testFilePath);
  const broken = testExecError === undefined ? [] : [file, ...toldOf(testExecError.message ?? '')];
  return testResults
    .filter(({ status }) => status === 'failed')
    .reduce((lines, { fullName, failureMessages }) => {
      return [...lines, `${file}: ${fullName}`, ...failureMessages.flatMap(toldOf)];
    }, broken);
}

function toldOf(message: string): string[] {
  return stripVTControlCharacters(message)
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s+at /.test(line))
    .slice(0, LINES_TOLD)
    .map((line) => `    ${line}`);
}

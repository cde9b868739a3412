/** Where a command writes. */
export interface ConsoleOutput {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

/** Exit code when a pod did not answer as asked. */
export const EXIT_FAILED = 1;
/** Exit code when the command line is wrong. */
export const EXIT_USAGE = 2;

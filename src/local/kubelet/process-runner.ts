/** How a process ended. */
export interface ProcessEnd {
  /** 128 and the signal's number if a signal ended it. */
  exitCode: number;
  signal?: number;
}

/** What is to be run. */
export interface ProcessStart {
  argv: readonly string[];
  env: Readonly<Record<string, string>>;
  folder: string;
  /** Its output is added to the end of this file. */
  logFile: string;
}

/** A process that was started. */
export interface RunningProcess {
  readonly pid: number;
  signal(signal: NodeJS.Signals): void;
}

/** Starts processes of the program `rehome`. */
export interface ProcessRunner {
  /** Throws Error if it cannot be started; `onEnd` is called once, later. */
  start(what: ProcessStart, onEnd: (end: ProcessEnd) => void): RunningProcess;
}

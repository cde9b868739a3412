import { EXIT_FAILED, EXIT_USAGE, type ConsoleOutput } from './output.ts';
import type { CommonOptions } from './common-options.ts';
import { askPods } from './ask-pods.ts';

/** One request to every pod, and how its answers read. */
export interface Question<T> extends CommonOptions {
  page: string;
  text(reports: readonly T[]): string;
}

/** Runs a command that asks pods; `read` throws Error if the command line is wrong, returns undefined for --help. */
export async function runCommand<T>(
  usage: string,
  read: () => Question<T> | undefined,
  output: ConsoleOutput,
): Promise<number> {
  let question: Question<T> | undefined;
  try {
    question = read();
  } catch (error) {
    output.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return EXIT_USAGE;
  }
  if (question === undefined) {
    output.stdout.write(usage);
    return 0;
  }
  const reports = await askPods<T>(question.urls, question.page, output);
  output.stdout.write(question.json ? `${JSON.stringify(reports, undefined, 2)}\n` : question.text(reports));
  return reports.length === question.urls.length ? 0 : EXIT_FAILED;
}

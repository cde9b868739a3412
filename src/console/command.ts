import { EXIT_FAILED, EXIT_USAGE, type ConsoleOutput } from './output.ts';
import type { CommonOptions } from './common-options.ts';
import { askPods } from './ask-pods.ts';
import { failureLine } from './kube-command.ts';

/** One request to every pod, and how its answers read. */
export interface Question<T> extends CommonOptions {
  page: string;
  readonly text: (reports: readonly T[]) => string;
}

/** Finds out where pods serve HTTP when the command line does not say. */
export type FindPods = () => Promise<string[]>;

/** What a command that asks pods takes from outside. */
export interface PodCommand extends ConsoleOutput {
  readonly findPods?: FindPods;
}

/** Runs a command that asks pods; `read` throws Error if the command line is wrong, returns undefined for --help. */
export async function runCommand<T>(
  usage: string,
  read: () => Question<T> | undefined,
  output: PodCommand,
): Promise<number> {
  let question: Question<T> | undefined;
  try {
    question = read();
    if (question?.urls.length === 0 && output.findPods === undefined) throw new Error('--url URL is missing');
  } catch (error) {
    output.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return EXIT_USAGE;
  }
  if (question === undefined) {
    output.stdout.write(usage);
    return 0;
  }
  try {
    return await ask(question, output);
  } catch (error) {
    output.stderr.write(`${failureLine(error)}\n`);
    return EXIT_FAILED;
  }
}

async function ask<T>(question: Question<T>, output: PodCommand): Promise<number> {
  const { urls: given, page, json, text } = question;
  const urls = given.length === 0 ? ((await output.findPods?.()) ?? []) : given;
  if (urls.length === 0) output.stderr.write('there are no proxies in the cluster\n');
  const reports = await askPods<T>(urls, page, output);
  output.stdout.write(json ? `${JSON.stringify(reports, undefined, 2)}\n` : text(reports));
  return reports.length === urls.length ? 0 : EXIT_FAILED;
}

import { execFile } from 'node:child_process';
import { parseAllDocuments } from 'yaml';
import type { KubeObject } from '../../src/api/object-type.ts';
import { ROOT } from '../repo/repository.ts';

/** By PATH, if nothing else is said. */
export const HELM: string = process.env['REHOME_HELM'] ?? 'helm';
export const KUBECTL: string = process.env['REHOME_KUBECTL'] ?? 'kubectl';

/** Generous: the machine may have other things to do. */
const COMMAND_LIMIT_MS = 120_000;
const MOST_OUTPUT_BYTES = 64 * 1024 * 1024;

/** How a command ended, and what it wrote. */
export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** An object that a chart renders. */
export type Rendered = KubeObject & { spec?: unknown } & Record<string, unknown>;

/** Runs a program to its end, with `input` on its standard input. */
export function runTool(
  program: string,
  args: readonly string[],
  { env = {}, input = '' }: { env?: Readonly<Record<string, string>>; input?: string } = {},
): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { timeout: COMMAND_LIMIT_MS, maxBuffer: MOST_OUTPUT_BYTES, cwd: ROOT };
    const child = execFile(
      program,
      [...args],
      { ...options, env: { ...process.env, ...env } },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : Number(error.code ?? -1);
        // A program that could not be run, or not to its end, has a word in place of a number.
        if (Number.isNaN(code)) resolve({ code: -1, stdout, stderr: `${String(error?.message)}\n${stderr}` });
        else resolve({ code, stdout, stderr });
      },
    );
    child.stdin?.end(input);
  });
}

/** The text of a command that must succeed. */
export async function outputOf(ended: Promise<Ended>): Promise<string> {
  const { code, stdout, stderr } = await ended;
  if (code !== 0) throw new Error(`exit code ${code}: ${stderr}${stdout}`);
  return stdout;
}

/** The objects of a text with any number of YAML documents. */
export function objectsIn(text: string): Rendered[] {
  return parseAllDocuments(text)
    .map((document) => document.toJS() as Rendered | null)
    .filter((object) => object !== null);
}

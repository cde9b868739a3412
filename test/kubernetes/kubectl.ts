import type { KubeObject } from '../../src/api/object-type.ts';
import { mustRun, runCommand, type CommandResult } from './run-command.ts';
import { readSettings } from './settings.ts';

const COMMAND_MS = 60_000;

/** Runs kubectl and gives what it wrote. Rejects if it fails. */
export function kubectl(...args: string[]): Promise<string> {
  return mustRun(readSettings().kubectl, args, { timeoutMs: COMMAND_MS });
}

/** The same for commands that may take as long as `timeoutMs`, or read `input`. */
export function kubectlWith(
  options: { timeoutMs?: number; input?: string },
  ...args: string[]
): Promise<string> {
  return mustRun(readSettings().kubectl, args, { timeoutMs: COMMAND_MS, ...options });
}

/** `kubectl wait`, for so long at the most. Rejects if it was in vain. */
export async function kubectlWait(seconds: number, ...args: string[]): Promise<void> {
  await kubectlWith({ timeoutMs: seconds * 1000 + COMMAND_MS }, 'wait', `--timeout=${seconds}s`, ...args);
}

/** Runs kubectl, however it ends. */
export function tryKubectl(...args: string[]): Promise<CommandResult> {
  return runCommand(readSettings().kubectl, args, { timeoutMs: COMMAND_MS });
}

/** Applies objects as JSON. */
export async function applyObjects(...objects: object[]): Promise<void> {
  const list = { apiVersion: 'v1', kind: 'List', items: objects };
  await kubectlWith({ input: JSON.stringify(list) }, 'apply', '-f', '-');
}

/** Objects of a kind in a namespace. */
export async function listObjects<T extends KubeObject>(kind: string, namespace: string): Promise<T[]> {
  const text = await kubectl('get', kind, '-n', namespace, '-o', 'json');
  return (JSON.parse(text) as { items: T[] }).items;
}

/** Runs helm and gives what it wrote. Rejects if it fails. */
export function helm(...args: string[]): Promise<string> {
  return mustRun(readSettings().helm, args, { timeoutMs: 5 * COMMAND_MS });
}

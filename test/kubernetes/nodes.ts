import type { Node } from '../../src/kube/objects.ts';
import { kubectl } from './kubectl.ts';
import { mustRun } from './run-command.ts';
import { readSettings, type NodeCommand } from './settings.ts';

const COMMAND_MS = 120_000;

/** Names of the nodes that take ordinary pods, in order. */
export async function workerNodes(): Promise<string[]> {
  const { items } = JSON.parse(await kubectl('get', 'nodes', '-o', 'json')) as { items: Node[] };
  return items
    .filter(
      (node) => isReady(node) && !(node.spec.taints ?? []).some(({ effect }) => effect === 'NoSchedule'),
    )
    .map(({ metadata }) => metadata.name)
    .sort();
}

function isReady({ status }: Node): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true;
}

/** Whether the settings say how to do all of this to a node. */
export function nodesCan(...commands: NodeCommand[]): boolean {
  return commands.every((command) => readSettings().node[command] !== '');
}

/** Does something to a node by the command of the settings. Rejects if that fails. */
export async function doToNode(command: NodeCommand, node: string): Promise<void> {
  const line = readSettings().node[command].replaceAll('{}', node);
  await mustRun('bash', ['-c', line], { timeoutMs: COMMAND_MS });
}

/** Waits until a node's Ready condition is this. */
export async function nodeReady(node: string, ready: boolean): Promise<void> {
  const waited = ready ? 'condition=Ready' : 'condition=Ready=Unknown';
  await kubectl('wait', `node/${node}`, `--for=${waited}`, '--timeout=55s');
}

import type { Node } from '../../src/kube/objects.ts';
import { kubectl, kubectlWait } from './kubectl.ts';
import { mustRun } from './run-command.ts';
import { readSettings, type NodeCommand } from './settings.ts';

const COMMAND_MS = 120_000;
/** A node that says nothing is called so after 50 s (node-monitor-grace-period) and the time between two looks. */
const NOTICED_WITHIN_SECONDS = 180;

/** Names of the nodes that take ordinary pods, in order. Rejects if there is none. */
export async function workerNodes(): Promise<string[]> {
  const { items } = JSON.parse(await kubectl('get', 'nodes', '-o', 'json')) as { items: Node[] };
  const names = items
    .filter((node) => isReady(node) && isOrdinary(node))
    .map(({ metadata }) => metadata.name);
  if (names.length === 0) throw new Error('the cluster has no ready node that takes ordinary pods');
  return names.sort();
}

/** Whether it takes pods that tolerate nothing. */
function isOrdinary({ spec }: Node): boolean {
  const { taints = [], unschedulable } = spec;
  return unschedulable !== true && taints.every(({ effect }) => effect === 'PreferNoSchedule');
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
  await kubectlWait(NOTICED_WITHIN_SECONDS, `node/${node}`, `--for=${waited}`);
}

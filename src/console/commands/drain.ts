import { KubeError, type KubeApi } from '../../kube/api.ts';
import { PODS } from '../../kube/kinds.ts';
import type { Pod } from '../../kube/objects.ts';
import type { ConsoleContext } from '../console-context.ts';
import { runKubeCommand } from '../kube-command.ts';
import { EXIT_FAILED } from '../output.ts';
import { UsageError } from '../usage-error.ts';
import { cordonNode } from './cordon.ts';
import { goneWithin } from './wait-gone.ts';

const USAGE = `rehome drain NODE [options]: cordons a node, evicts its pods and waits until they are gone

An eviction that a PodDisruptionBudget forbids is tried again every 5 s: calls are moved meanwhile. Pods of DaemonSets and of the node
itself stay; pods that nobody makes again are evicted, too.

  --grace-period N  a pod gets N seconds to end instead of its own
  --timeout N       give up after N seconds; never if left out
  --help            this text

--ignore-daemonsets, --delete-emptydir-data and --force are taken as kubectl's are and change nothing here.
`;

const OPTIONS = {
  'grace-period': { type: 'string' },
  timeout: { type: 'string' },
  'ignore-daemonsets': { type: 'boolean', default: false },
  'delete-emptydir-data': { type: 'boolean', default: false },
  force: { type: 'boolean', default: false },
} as const;

/** On what the API shows of a pod that its kubelet has from a file. */
const MIRROR = 'kubernetes.io/config.mirror';
/** As kubectl's. */
const RETRY_MS = 5_000;

interface Drain {
  api: KubeApi;
  context: ConsoleContext;
  gracePeriodSeconds: number | undefined;
  /** Wall clock. */
  endMs: number;
}

/** Runs `rehome drain`. */
export function runDrain(argv: string[], context: ConsoleContext): Promise<number> {
  return runKubeCommand(
    {
      usage: USAGE,
      options: OPTIONS,
      run: ({ values, positionals }) => {
        const [word = '', ...more] = positionals;
        if (word === '' || more.length > 0) throw new UsageError('one NODE is to be named');
        const gracePeriodSeconds = secondsOf('--grace-period', values['grace-period']);
        const limitSeconds = secondsOf('--timeout', values.timeout);
        const { api } = context.connect();
        const endMs = context.nowMs() + (limitSeconds ?? Infinity) * 1000;
        return drain({ api, context, gracePeriodSeconds, endMs }, word.replace(/^(?:node|no|nodes)\//, ''));
      },
    },
    argv,
    context,
  );
}

/** A number of seconds that an option gives; undefined if it is left out or `0s`-like for none. Throws UsageError. */
function secondsOf(option: string, given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const [, digits] = /^(\d{1,6})s?$/.exec(given) ?? [];
  if (digits === undefined) throw new UsageError(`${option} is a number of seconds, not ${given}`);
  return Number(digits);
}

async function drain(how: Drain, node: string): Promise<number> {
  const { api, context } = how;
  const changed = await cordonNode(api, node, true);
  context.stdout.write(`node/${node} ${changed ? '' : 'already '}cordoned\n`);
  const { items } = await api.list(PODS, {});
  const there = items.filter(({ spec }) => spec.nodeName === node);
  const pods = there.filter((pod) => !stays(pod));
  const staying = there.filter(stays).map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`);
  if (staying.length > 0)
    context.stderr.write(`ignoring pods that a node always has: ${staying.join(', ')}\n`);
  const results = await Promise.all(pods.map((pod) => evictPod(how, pod)));
  const left = pods.filter((_, index) => results[index] !== true);
  if (left.length === 0) {
    context.stdout.write(`node/${node} drained\n`);
    return 0;
  }
  const names = left.map(({ metadata }) => metadata.name).join(', ');
  context.stderr.write(`error: unable to drain node "${node}": not gone: ${names}\n`);
  return EXIT_FAILED;
}

/** Whether it would be made again at once, on the same node. */
function stays({ metadata: { annotations, ownerReferences = [] } }: Pod): boolean {
  return (
    annotations?.[MIRROR] !== undefined ||
    ownerReferences.some(({ kind, controller }) => kind === 'DaemonSet' && controller === true)
  );
}

/** False if it is not gone in time. */
async function evictPod(how: Drain, pod: Pod): Promise<boolean> {
  const { api, context, endMs } = how;
  const { namespace = '', name, uid } = pod.metadata;
  const ref = { namespace, name };
  if (!(await askUntilAllowed(how, ref))) return false;
  const isGone = await goneWithin(api, { kind: PODS, ref, uid }, context, endMs - context.nowMs());
  if (isGone) context.stdout.write(`pod/${name} evicted\n`);
  return isGone;
}

async function askUntilAllowed(how: Drain, ref: { namespace: string; name: string }): Promise<boolean> {
  const { api, context, gracePeriodSeconds, endMs } = how;
  while (!context.interrupted.aborted && context.nowMs() <= endMs) {
    context.stdout.write(`evicting pod ${ref.namespace}/${ref.name}\n`);
    try {
      await api.evict(ref, gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds });
      return true;
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      if (error.reason === 'NotFound') return true;
      if (error.reason !== 'TooManyRequests') throw error;
      const what = `error when evicting pods/"${ref.name}" -n "${ref.namespace}" (will retry after 5s)`;
      context.stderr.write(`${what}: ${error.message}\n`);
      await context.pause(Math.min(RETRY_MS, Math.max(0, endMs - context.nowMs()) + 1));
    }
  }
  return false;
}

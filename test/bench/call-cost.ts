import { StaticCluster } from '../../src/local/static-cluster.ts';
import type { ConfigDocument } from '../../src/local/static-config.ts';
import { at, freeNetwork } from '../../src/local/free-network.ts';
import { hostPort, type SocketAddress } from '../../src/local/phone-address.ts';
import { pause } from '../../src/local/until.ts';
import { Sipp } from '../e2e/sipp.ts';
import type { Figure } from './figure.ts';
import { cpuMsOf } from './process-cost.ts';

/** How calls are made while their cost is measured. */
export interface CallCostOptions {
  perSecond: number;
  seconds: number;
  warmUpSeconds: number;
  /** Whether a second pod keeps a copy of each call (and a witness votes). */
  standby: boolean;
  bar?: number;
}

const FIRST_NETWORK = 60;
const SIP_PORT = 5060;
const SETTLES_MS = 500;

/** CPU time of all pods for one call of INVITE, 100, 180, 200, ACK, BYE, 200. */
export async function benchCallCost(options: CallCostOptions): Promise<Figure> {
  const network = await freeNetwork(FIRST_NETWORK);
  const ends = { caller: at(network, 1, SIP_PORT), callee: at(network, 2, SIP_PORT) };
  const cluster = await StaticCluster.start({
    callees: [hostPort(ends.callee)],
    network,
    pods: options.standby ? 3 : 1,
    configure: (config) => {
      if (options.standby) makeLastAWitness(config);
    },
  });
  try {
    await run(cluster, ends, { ...options, seconds: options.warmUpSeconds });
    const pids = cluster.pods.slice(0, 2).map((pod) => pod.pid ?? 0);
    const before = pids.map((pid) => cpuMsOf(pid));
    const { calls, repeats, failed } = await run(cluster, ends, options);
    const used = pids
      .map((pid, index) => cpuMsOf(pid) - (before[index] ?? 0))
      .reduce((sum, ms) => sum + ms, 0);
    const setting = options.standby ? 'with one standby, both pods' : 'one pod, no copies';
    return {
      name: `CPU per call, ${setting}, ${String(options.perSecond)} calls/s`,
      value: used / calls,
      unit: 'CPU-ms',
      ...(options.bar === undefined ? {} : { bar: { atMost: options.bar } }),
      note: `${String(calls)} calls, ${String(failed)} failed, ${String(repeats)} messages repeated`,
    };
  } finally {
    await cluster.stop();
  }
}

/** One copy of each call, two pods and a third voter without SIP. */
function makeLastAWitness(config: ConfigDocument): void {
  config['replication'] = { factor: 1 };
  const roster = config['roster'] as { members: { pod: string; role?: string }[] };
  const witness = roster.members.at(-1);
  if (witness === undefined) return;
  witness.role = 'witness';
  if (config['pod'] !== witness.pod) return;
  config['role'] = 'witness';
  for (const name of ['listeners', 'routes', 'targets']) config[name] = [];
}

interface RunCounts {
  calls: number;
  failed: number;
  repeats: number;
}

async function run(
  cluster: StaticCluster,
  ends: { caller: SocketAddress; callee: SocketAddress },
  { perSecond, seconds }: Pick<CallCostOptions, 'perSecond' | 'seconds'>,
): Promise<RunCounts> {
  const [pod] = cluster.pods;
  if (pod === undefined) throw new Error('no pod');
  const calls = perSecond * seconds;
  const common = { calls, rate: perSecond, limit: calls, timeoutS: seconds + 40 };
  const callee = new Sipp({ ...common, side: 'callee', steps: 'uas', local: ends.callee });
  await pause(SETTLES_MS);
  const caller = new Sipp({
    ...common,
    side: 'caller',
    steps: 'uac',
    local: ends.caller,
    remote: pod.place.public,
  });
  const counted = await caller.result;
  callee.stop();
  await callee.result;
  return { calls: counted.successful, failed: counted.failed, repeats: counted.retransmissions };
}

import type { DialogShard } from '../../src/api/dialog-shard-type.ts';
import { DemoCluster } from '../../src/local/demo-cluster.ts';
import { look, ownedBy, podAt, stayingPods, untilSettled } from '../../src/local/demo-view.ts';
import { freeNetwork } from '../../src/local/free-network.ts';
import { until } from '../../src/local/until.ts';
import { wallClockMs } from '../../src/local/wall-clock.ts';
import type { Figure } from './figure.ts';
import { HolderProcess } from './holder-process.ts';
import { edgeDocument, PUBLIC_PORT, watchShards } from './local-cluster.ts';

const FIRST_NETWORK = 62;
const REPLICAS = 3;
const SHARDS = 36;
const CALLS_PER_SECOND = 200;
const SETTLES_WITHIN_MS = 120_000;
const RECORDED_WITHIN_MS = 60_000;
const RECORDED_BAR_MS = 200;

/** How late a change of owner was seen by a client of the API, ms. */
type Delays = Map<string, number>;

/** From the takeover of each tag of a killed pod until DialogShard.status names the new owner and epoch. */
export async function benchRecorded(calls: number): Promise<Figure[]> {
  const network = await freeNetwork(FIRST_NETWORK);
  const holders = await HolderProcess.start(network);
  try {
    const manifest = edgeDocument({ replicas: REPLICAS, shards: SHARDS, callee: holders.callee });
    const local = await DemoCluster.start({ manifest, network });
    try {
      const settled = await untilSettled(local, REPLICAS, SETTLES_WITHIN_MS);
      const [victim] = stayingPods(settled);
      if (victim === undefined) throw new Error('there are no pods');
      const pod = podAt(victim, PUBLIC_PORT);
      await holders.ask({ do: 'hold', calls, perSecond: CALLS_PER_SECOND, pod });
      const { name } = victim.metadata;
      const delays = await killAndWatch(local, name, ownedBy(await look(local), name));
      return figures([...delays.values()], calls);
    } finally {
      await local.stop();
    }
  } finally {
    holders.stop();
  }
}

async function killAndWatch(local: DemoCluster, victim: string, shards: DialogShard[]): Promise<Delays> {
  const epochs = new Map(shards.map(({ metadata, status }) => [metadata.name, status?.epoch ?? 0]));
  const delays: Delays = new Map();
  const watch = watchShards(local, ({ metadata, status }) => {
    const before = epochs.get(metadata.name);
    const move = status?.lastMove;
    if (before === undefined || delays.has(metadata.name) || move === undefined) return;
    // The moment of the takeover is the claimant's own, as its report has it.
    if (move.epoch > before && (status?.epoch ?? 0) >= move.epoch && status?.owner === move.to)
      delays.set(metadata.name, wallClockMs() - Date.parse(move.startedAt));
  });
  try {
    await local.must('kill', victim);
    const all = (): boolean => delays.size === epochs.size;
    await until(all, RECORDED_WITHIN_MS, 'every takeover to be recorded').catch((error: unknown) => {
      const left = [...epochs.keys()].filter((name) => !delays.has(name));
      throw new Error(`${String(error)}: not that of ${left.join(', ')}`, { cause: error });
    });
  } finally {
    watch.stop();
  }
  return delays;
}

function figures(delays: readonly number[], calls: number): Figure[] {
  const sorted = delays.toSorted((left, right) => left - right);
  const what = `failover of ${delays.length} tags with ${calls} calls, until it is recorded`;
  const median = sorted[Math.floor(sorted.length / 2)] ?? Number.POSITIVE_INFINITY;
  const note = "from the takeover in the pod's report to a watch of DialogShards";
  return [
    { name: `${what}: median`, value: median, unit: 'ms', note },
    {
      name: `${what}: worst`,
      value: sorted.at(-1) ?? Number.POSITIVE_INFINITY,
      unit: 'ms',
      bar: { atMost: RECORDED_BAR_MS },
    },
  ];
}

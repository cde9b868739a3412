import { freeNetwork } from '../../src/local/free-network.ts';
import { hostPort } from '../../src/local/phone-address.ts';
import { StaticCluster } from '../../src/local/static-cluster.ts';
import type { StaticPod } from '../../src/local/static-pod.ts';
import { pause, until } from '../../src/local/until.ts';
import { wallClockMs } from '../../src/local/wall-clock.ts';
import { Steering, withControl } from '../e2e/steering.ts';
import type { Figure } from './figure.ts';
import { HolderProcess } from './holder-process.ts';
import type { HolderReport } from './holders.ts';
import { cpuMsOf } from './process-cost.ts';

const FIRST_NETWORK = 62;
const CALLS_PER_SECOND = 300;
const PROTECTED_AFTER_MS = 2000;
/** How long the talk goes on before and after the move. */
const TALKS_MS = 4000;
/** Each end of each call asks so often: 500 requests a second with 1,000 calls. */
const TALK_EVERY_MS = 4000;
const MOVED_WITHIN_MS = 30_000;
const FAULTS_SHOWN = 5;
const PACING = 'pacing in force: 4,000 legs/s a pod, 1,000 legs/s and 200 in flight a peer address';
const NO_TALK: NonNullable<HolderReport['talk']> = {
  sent: 0,
  lost: Number.POSITIVE_INFINITY,
  faults: ['no talk'],
};
const TAGS = Array.from({ length: 12 }, (_, index) => `edge-${String(index).padStart(2, '0')}`);

/** All tags of a pod with held calls are handed over to another, by order of the control API, while the calls talk. */
export async function benchMove(calls: number): Promise<Figure[]> {
  const network = await freeNetwork(FIRST_NETWORK);
  const holders = await HolderProcess.start(network);
  const cluster = await StaticCluster.start({
    callees: [holders.callee],
    network,
    configure: (config, place) => {
      withControl(config, place);
      config['placement'] = Object.fromEntries(TAGS.map((tag) => [tag, 'edge-0']));
    },
  });
  const placement = cluster.pods.map(({ name }) => name);
  const steering = new Steering(
    cluster.pods,
    TAGS.map((tag) => ({ tag, group: '', placement })),
    holders.callee,
  );
  try {
    return await moveAll({ holders, cluster, steering, calls });
  } finally {
    steering.close();
    await cluster.stop();
    holders.stop();
  }
}

interface Stage {
  holders: HolderProcess;
  cluster: StaticCluster;
  steering: Steering;
  calls: number;
}

async function moveAll({ holders, cluster, steering, calls }: Stage): Promise<Figure[]> {
  const [from, to] = cluster.pods;
  if (from === undefined || to === undefined) throw new Error('no pods');
  for (const pod of cluster.pods) await steering.tell(pod);
  const { public: pod } = from.place;
  const held = await holders.ask({ do: 'hold', calls, perSecond: CALLS_PER_SECOND, pod });
  await pause(PROTECTED_AFTER_MS);
  await holders.ask({ do: 'talk', everyMs: TALK_EVERY_MS });
  const talkingMs = await costOver(cluster.pods, () => pause(TALKS_MS));
  let move = { lastAtMs: 0 };
  const sinceMs = wallClockMs();
  let tookMs = 0;
  const movingMs = await costOver(cluster.pods, async () => {
    await steering.move(from, to);
    move = await untilMoved(holders, to, { sinceMs, legs: 2 * held.calls });
    tookMs = wallClockMs() - sinceMs;
  });
  await pause(TALKS_MS);
  const { calls: alive, talk = NO_TALK } = await holders.ask({ do: 'talked' });
  const ended = await holders.ask({ do: 'hangUp', perSecond: CALLS_PER_SECOND });
  for (const fault of talk.faults.slice(0, FAULTS_SHOWN)) process.stderr.write(`  ${fault}\n`);
  return figures({
    held: held.calls,
    alive: Math.min(alive, ended.calls),
    tookSeconds: (move.lastAtMs - sinceMs) / 1000,
    cpuMs: movingMs - (talkingMs * tookMs) / TALKS_MS,
    talk,
  });
}

interface MoveCounts {
  held: number;
  /** Calls that were up after the move and could be hung up. */
  alive: number;
  tookSeconds: number;
  cpuMs: number;
  talk: NonNullable<HolderReport['talk']>;
}

function figures({ held, alive, tookSeconds, cpuMs, talk }: MoveCounts): Figure[] {
  const what = `planned move of ${held} talking calls`;
  const none = { unit: '', bar: { atMost: 0 } };
  return [
    { name: `${what}: until the last leg's 200`, value: tookSeconds, unit: 's', note: PACING },
    {
      name: `${what}: CPU per moved dialog, all pods`,
      value: cpuMs / Math.max(1, held),
      unit: 'CPU-ms',
      note: 'less what the same talk costs without a move',
    },
    { name: `${what}: messages lost, of ${talk.sent}`, value: talk.lost, ...none },
    { name: `${what}: faults in the ledgers of both ends`, value: talk.faults.length, ...none },
    { name: `${what}: calls lost`, value: held - alive, ...none },
  ];
}

/** CPU time that pods use while something is done, ms. */
async function costOver(pods: readonly StaticPod[], act: () => Promise<void>): Promise<number> {
  const used = (): number => pods.reduce((sum, { pid }) => sum + cpuMsOf(pid ?? 0), 0);
  const before = used();
  await act();
  return used() - before;
}

async function untilMoved(
  holders: HolderProcess,
  to: StaticPod,
  goal: { sinceMs: number; legs: number },
): Promise<HolderReport> {
  const living = [to.place.public, to.place.internal].map(hostPort);
  const order = { do: 'report', sinceMs: goal.sinceMs, living } as const;
  let report = await holders.ask(order);
  await until(
    async () => {
      await pause(500);
      report = await holders.ask(order);
      return report.moved >= goal.legs && report.wrong === 0;
    },
    MOVED_WITHIN_MS,
    'all legs to move',
  );
  return report;
}

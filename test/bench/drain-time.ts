import { DemoCluster } from '../../src/local/demo-cluster.ts';
import { ownedBy, look, podAt, stayingPods, untilSettled } from '../../src/local/demo-view.ts';
import { freeNetwork } from '../../src/local/free-network.ts';
import { hostPort } from '../../src/local/phone-address.ts';
import { pause, until } from '../../src/local/until.ts';
import { wallClockMs } from '../../src/local/wall-clock.ts';
import type { Pod } from '../../src/kube/objects.ts';
import type { Figure } from './figure.ts';
import { HolderProcess } from './holder-process.ts';
import type { HolderReport } from './holders.ts';
import { edgeDocument, INTERNAL_PORT, processOf, PUBLIC_PORT } from './local-cluster.ts';

const FIRST_NETWORK = 62;
const REPLICAS = 3;
const SHARDS = 12;
const CALLS_PER_SECOND = 200;
const SETTLES_WITHIN_MS = 120_000;
const COUNTED_WITHIN_MS = 60_000;
const MOVED_WITHIN_MS = 60_000;
const ENDED_WITHIN_MS = 120_000;
/** Each end of each call asks so often: 100 requests a second with 1,000 calls. */
const TALK_EVERY_MS = 20_000;
const FAULTS_SHOWN = 5;
/** DESIGN §2.3: the old owner relays for so long after a dialog is home. */
const RELAYS_SECONDS = 32;
const HOME_WITHIN_SECONDS = 5;

/** From `rehome drain` of a node until the calls of its pod are at others, and until the pod's process has ended. */
export async function benchDrain(calls: number): Promise<Figure[]> {
  const network = await freeNetwork(FIRST_NETWORK);
  const holders = await HolderProcess.start(network);
  try {
    const manifest = edgeDocument({ replicas: REPLICAS, shards: SHARDS, callee: holders.callee });
    const local = await DemoCluster.start({ manifest, network, nodes: REPLICAS + 1 });
    try {
      return await drainOne(local, holders, calls);
    } finally {
      await local.stop();
    }
  } finally {
    holders.stop();
  }
}

async function drainOne(local: DemoCluster, holders: HolderProcess, calls: number): Promise<Figure[]> {
  const [victim] = stayingPods(await untilSettled(local, REPLICAS, SETTLES_WITHIN_MS));
  if (victim === undefined) throw new Error('there are no pods');
  const pod = podAt(victim, PUBLIC_PORT);
  const held = await holders.ask({ do: 'hold', calls, perSecond: CALLS_PER_SECOND, pod });
  await until(
    async () => (await dialogsOf(local, victim)) === held.calls,
    COUNTED_WITHIN_MS,
    'the calls to be counted at the pod',
  );
  await holders.ask({ do: 'talk', everyMs: TALK_EVERY_MS });
  const pid = await processOf(local, { namespace: 'default', ...victim.metadata });
  const orderedAtMs = wallClockMs();
  const drained = local.must('drain', victim.spec.nodeName ?? '');
  const endedAtMs = hasEnded(pid);
  const moved = await untilMoved(local, holders, { victim, sinceMs: orderedAtMs, legs: 2 * held.calls });
  await drained;
  const totalMs = (await endedAtMs) - orderedAtMs;
  const { calls: alive, talk } = await holders.ask({ do: 'talked' });
  for (const fault of talk?.faults.slice(0, FAULTS_SHOWN) ?? []) process.stderr.write(`  ${fault}\n`);
  const ended = await holders.ask({ do: 'hangUp', perSecond: CALLS_PER_SECOND });
  return figures({
    held: held.calls,
    homeSeconds: (moved.lastAtMs - orderedAtMs) / 1000,
    totalSeconds: totalMs / 1000,
    talk,
    lost: held.calls - Math.min(alive, ended.calls),
  });
}

interface DrainCounts {
  held: number;
  homeSeconds: number;
  totalSeconds: number;
  talk: HolderReport['talk'];
  lost: number;
}

function figures({ held, homeSeconds, totalSeconds, talk, lost }: DrainCounts): Figure[] {
  const what = `drain of a pod with ${held} calls`;
  const none = { unit: '', bar: { atMost: 0 } };
  const unknown = Number.POSITIVE_INFINITY;
  return [
    {
      name: `${what}: until the last leg's 200`,
      value: homeSeconds,
      unit: 's',
      bar: { atMost: HOME_WITHIN_SECONDS },
      note: 'from the start of the command',
    },
    {
      name: `${what}: until its process has ended`,
      value: totalSeconds,
      unit: 's',
      bar: { atMost: HOME_WITHIN_SECONDS + RELAYS_SECONDS },
      note: `it relays for ${RELAYS_SECONDS} s`,
    },
    { name: `${what}: messages lost, of ${talk?.sent ?? 0}`, value: talk?.lost ?? unknown, ...none },
    { name: `${what}: faults in both ledgers`, value: talk?.faults.length ?? unknown, ...none },
    { name: `${what}: calls lost`, value: lost, ...none },
  ];
}

async function dialogsOf(local: DemoCluster, pod: Pod): Promise<number> {
  const owned = ownedBy(await look(local), pod.metadata.name);
  return owned.reduce((sum, { status }) => sum + (status?.dialogs ?? 0), 0);
}

/** Wall-clock time at which a process was gone, ms. */
async function hasEnded(pid: number): Promise<number> {
  const isGone = (): boolean => {
    try {
      process.kill(pid, 0);
      return false;
    } catch {
      return true;
    }
  };
  await until(isGone, ENDED_WITHIN_MS, 'the process of the pod to end');
  return wallClockMs();
}

async function untilMoved(
  local: DemoCluster,
  holders: HolderProcess,
  goal: { victim: Pod; sinceMs: number; legs: number },
): Promise<HolderReport> {
  let report: HolderReport | undefined;
  await until(
    async () => {
      await pause(500);
      const others = (await local.pods()).filter(
        ({ metadata, status }) => metadata.uid !== goal.victim.metadata.uid && status?.podIP !== undefined,
      );
      const living = others.flatMap((pod) =>
        [PUBLIC_PORT, INTERNAL_PORT].map((port) => hostPort(podAt(pod, port))),
      );
      report = await holders.ask({ do: 'report', sinceMs: goal.sinceMs, living });
      return report.moved >= goal.legs && report.wrong === 0;
    },
    MOVED_WITHIN_MS,
    'all legs to move',
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}: ${goal.legs} legs, ${JSON.stringify(report)}`, { cause: error });
  });
  if (report === undefined) throw new Error('nothing was reported');
  return report;
}

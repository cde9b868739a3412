import { hostPort } from '../../src/local/phone-address.ts';
import { freeNetwork } from '../../src/local/free-network.ts';
import { StaticCluster } from '../../src/local/static-cluster.ts';
import type { StaticPod } from '../../src/local/static-pod.ts';
import { pause, until } from '../../src/local/until.ts';
import { wallClockMs } from '../../src/local/wall-clock.ts';
import type { Figure } from './figure.ts';
import { HolderProcess } from './holder-process.ts';
import type { HolderReport } from './holders.ts';
import { cpuMsOf } from './process-cost.ts';

/** How a pod fails while it holds calls. */
export interface FailoverTimeOptions {
  calls: number;
  signal: 'SIGKILL' | 'SIGSTOP';
}

const FIRST_NETWORK = 62;
const CALLS_PER_SECOND = 300;
const PROTECTED_AFTER_MS = 2000;
const IDLE_MS = 2000;
const MOVED_WITHIN_MS = 30_000;
const PACING = 'pacing in force: 4,000 legs/s a pod, 1,000 legs/s and 200 in flight a peer address';

/** From the failure of a pod with held calls until its phones have met another. */
export async function benchFailover({ calls, signal }: FailoverTimeOptions): Promise<Figure[]> {
  const network = await freeNetwork(FIRST_NETWORK);
  const holders = await HolderProcess.start(network);
  const cluster = await StaticCluster.start({ callees: [holders.callee], network });
  try {
    const [victim, ...survivors] = cluster.pods;
    if (victim === undefined) throw new Error('no pod');
    const held = await holders.ask({
      do: 'hold',
      calls,
      perSecond: CALLS_PER_SECOND,
      pod: victim.place.public,
    });
    await pause(PROTECTED_AFTER_MS);
    const idleMs = await idleCost(survivors);
    const before = survivors.map(cpuOf);
    const failedAtMs = wallClockMs();
    victim.signal(signal);
    const moved = await waitUntilMoved(holders, survivors, { sinceMs: failedAtMs, legs: 2 * held.calls });
    const watchedMs = wallClockMs() - failedAtMs;
    const used = survivors.reduce((sum, pod, index) => sum + cpuOf(pod) - (before[index] ?? 0), 0);
    const ended = await holders.ask({ do: 'hangUp', perSecond: CALLS_PER_SECOND });
    const perDialog = (used - (idleMs * watchedMs) / IDLE_MS) / Math.max(1, moved.moved / 2);
    return figures({ signal, held: held.calls, failedAtMs, moved, ended: ended.calls, perDialog });
  } finally {
    await cluster.stop();
    holders.stop();
  }
}

function cpuOf(pod: StaticPod): number {
  return cpuMsOf(pod.pid ?? 0);
}

/** What the survivors use in `IDLE_MS` without any calls of their own. */
async function idleCost(pods: readonly StaticPod[]): Promise<number> {
  const before = pods.map(cpuOf);
  await pause(IDLE_MS);
  return pods.reduce((sum, pod, index) => sum + cpuOf(pod) - (before[index] ?? 0), 0);
}

async function waitUntilMoved(
  holders: HolderProcess,
  survivors: readonly StaticPod[],
  goal: { sinceMs: number; legs: number },
): Promise<HolderReport> {
  const living = survivors.flatMap((pod) => [hostPort(pod.place.public), hostPort(pod.place.internal)]);
  const order = { do: 'report', sinceMs: goal.sinceMs, living } as const;
  let report = await holders.ask(order);
  await until(
    async () => {
      await pause(500);
      report = await holders.ask(order);
      return report.moved >= goal.legs;
    },
    MOVED_WITHIN_MS,
    'all legs to move',
  ).catch(() => undefined);
  return report;
}

interface FailoverCounts {
  signal: FailoverTimeOptions['signal'];
  held: number;
  failedAtMs: number;
  moved: HolderReport;
  ended: number;
  perDialog: number;
}

function figures({ signal, held, failedAtMs, moved, ended, perDialog }: FailoverCounts): Figure[] {
  const what = signal === 'SIGKILL' ? 'kill -9' : 'SIGSTOP';
  const calls = `${String(held)} held calls`;
  const since = (atMs: number): number =>
    atMs === 0 ? Number.POSITIVE_INFINITY : (atMs - failedAtMs) / 1000;
  const killed = signal === 'SIGKILL';
  return [
    {
      name: `${what} until the first re-INVITE, ${calls}`,
      value: since(moved.firstAtMs),
      unit: 's',
      bar: { atMost: killed ? 0.5 : 1.5 },
      note: PACING,
    },
    {
      name: `${what} until the last leg's 200, ${calls}`,
      value: since(moved.lastAtMs),
      unit: 's',
      ...(killed ? { bar: { atMost: 1.5 } } : {}),
      note: `${String(moved.moved)} legs moved`,
    },
    { name: `${what}: calls lost`, value: held - ended, unit: '', bar: { atMost: 0 } },
    { name: `${what}: legs with a wrong Contact`, value: moved.wrong, unit: '', bar: { atMost: 0 } },
    {
      name: `${what}: CPU per re-homed dialog, both legs`,
      value: perDialog,
      unit: 'CPU-ms',
      ...(killed ? { bar: { atMost: 0.25 } } : {}),
      note: 'both survivors, less what they use when idle',
    },
  ];
}

import { freeNetwork } from '../../src/local/free-network.ts';
import { StaticCluster } from '../../src/local/static-cluster.ts';
import type { StaticPod } from '../../src/local/static-pod.ts';
import { pause } from '../../src/local/until.ts';
import type { Figure } from './figure.ts';
import { HolderProcess } from './holder-process.ts';
import { collectGarbage } from './inspector.ts';
import { residentBytesOf } from './process-cost.ts';

const FIRST_NETWORK = 64;
const CALLS_PER_SECOND = 250;
const WARM_UP_CALLS = 1000;
const FIRST_INSPECTOR_PORT = 19_440;
/** Longer than 64*T1 with the timers below, so that no transaction of the set-up is left. */
const SETTLES_MS = 8_000;
const TIMERS = { t1: '100ms', t2: '400ms', t4: '500ms' };

/** Resident memory that a held dialog takes in its owner, and in a pod that only keeps its copy. */
export async function benchHeldMemory(calls: number): Promise<Figure[]> {
  const network = await freeNetwork(FIRST_NETWORK);
  const holders = await HolderProcess.start(network);
  const cluster = await StaticCluster.start({
    callees: [holders.callee],
    network,
    inspectorPort: FIRST_INSPECTOR_PORT,
    configure: (config) => {
      config['sip'] = TIMERS;
    },
  });
  try {
    const [owner, ...standbys] = cluster.pods;
    if (owner === undefined) throw new Error('no pod');
    const pod = owner.place.public;
    await holders.ask({ do: 'hold', calls: WARM_UP_CALLS, perSecond: CALLS_PER_SECOND, pod });
    await holders.ask({ do: 'hangUp', perSecond: CALLS_PER_SECOND });
    const before = await settledBytes(cluster.pods);
    const held = await holders.ask({ do: 'hold', calls, perSecond: CALLS_PER_SECOND, pod });
    const after = await settledBytes(cluster.pods);
    const grown = after.map((bytes, index) => (bytes - (before[index] ?? 0)) / 1000 / held.calls);
    const copies = grown.slice(1).reduce((sum, kilobytes) => sum + kilobytes, 0) / standbys.length;
    const note = `${String(held.calls)} calls, resident memory after a forced collection`;
    return [
      { name: 'memory per held dialog, owner', value: grown[0] ?? 0, unit: 'kB', bar: { atMost: 6 }, note },
      { name: 'memory per held dialog, standby', value: copies, unit: 'kB', bar: { atMost: 2.5 }, note },
    ];
  } finally {
    await cluster.stop();
    holders.stop();
  }
}

/** Resident bytes of each pod when nothing is under way and the garbage is gone. */
async function settledBytes(pods: readonly StaticPod[]): Promise<number[]> {
  await pause(SETTLES_MS);
  const sizes: number[] = [];
  for (const [index, pod] of pods.entries()) {
    const pid = pod.pid ?? 0;
    await collectGarbage(pid, FIRST_INSPECTOR_PORT + index);
    sizes.push(residentBytesOf(pid));
  }
  return sizes;
}

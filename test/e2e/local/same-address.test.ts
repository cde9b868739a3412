import { expect, test } from '@jest/globals';
import { hostPort } from '../../../src/local/phone-address.ts';
import { podAt } from '../../../src/local/demo-view.ts';
import { TALK_ENDS, type TalkCall } from '../../../src/local/talk.ts';
import { pause, until } from '../../../src/local/until.ts';
import type { Pod } from '../../../src/kube/objects.ts';
import { LocalFleet, PUBLIC_PORT } from './local-fleet.ts';

const TIMEOUT_MS = 240_000;
const MOVED_WITHIN_MS = 60_000;
const TALK_MS = 2000;
const STEP = 100;
const INTERNAL_PORT = 5070;

/** Calls of which both ends were shown the pod of this ordinal last; both pods have one address. */
function callsAt(calls: readonly TalkCall[], pod: Pod, ordinal: number): TalkCall[] {
  const contacts = [PUBLIC_PORT, INTERNAL_PORT].map((port) => hostPort(podAt(pod, port + STEP * ordinal)));
  return calls.filter((call) => TALK_ENDS.every((end) => contacts.includes(call[end].farContact)));
}

test(
  'two pods on one address: one is killed, its calls go on at the other’s ports, and it comes back to its own',
  async () => {
    const fleet = await LocalFleet.start({
      ...{ replicas: 2, nodes: 1, shards: 4 },
      spec: `  hostNetwork: true\n  portStep: ${STEP}`,
    });
    try {
      const [first, second] = await Promise.all([fleet.pod('edge-0'), fleet.pod('edge-1')]);
      expect(first.status?.podIP).toBe(first.status?.hostIP);
      expect(second.status?.podIP).toBe(first.status?.podIP);
      const through = [0, 1].map((ordinal) => podAt(first, PUBLIC_PORT + STEP * ordinal));
      const calls = await fleet.phones.place(12, { through, perSecond: 50 });
      const hit = callsAt(calls, first, 0);
      expect(hit.length).toBeGreaterThan(0);
      expect(callsAt(calls, first, 1)).toHaveLength(calls.length - hit.length);
      const faults = await fleet.faultsWhile(calls, async () => {
        await pause(TALK_MS);
        fleet.noteDeath(hit);
        await fleet.rehome('kill', 'edge-0');
        const isAway = (): boolean => callsAt(hit, first, 1).length === hit.length;
        await until(isAway, MOVED_WITHIN_MS, 'the calls to be at the other pod');
        await fleet.settled(2);
      });
      expect(faults).toEqual([]);
      expect(await fleet.useAll(calls)).toEqual([]);
      const fresh = await fleet.phones.place(4, {
        through: through.slice(0, 1),
        perSecond: 50,
        name: 'fresh',
      });
      expect(callsAt(fresh, first, 0).length + callsAt(fresh, first, 1).length).toBe(fresh.length);
      expect(await fleet.useAll(fresh)).toEqual([]);
    } finally {
      await fleet.stop();
    }
  },
  TIMEOUT_MS,
);

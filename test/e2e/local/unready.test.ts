import { expect, test } from '@jest/globals';
import { EVENTS } from '../../../src/kube/kinds.ts';
import { until } from '../../../src/local/until.ts';
import { LocalFleet } from './local-fleet.ts';

const TIMEOUT_MS = 180_000;
const CALLS_OF_EACH = 3;
/** Whoever takes a tag over waits 2 s at most for a pod that is not dead and does not answer (OWNERSHIP 3). */
const WAITED = /INFO \d+ had to be repeated 2 times$/;

/**
 * A pod is unready while alive when its copies are: here of a tag whose owner hangs for longer than its heartbeats are worth, and
 * for less than it takes to be believed dead. With one copy a tag, the other pods are as ready as before.
 */
test(
  'a living pod that is unready for too long is emptied, its calls notice nothing, and it gets tags again',
  async () => {
    const fleet = await LocalFleet.start({
      ...{ replicas: 4, nodes: 4, shards: 4 },
      spec: '  failover: { suspectAfter: 10s, unreadyAfter: 1s }\n  replication: { factor: 1 }',
    });
    try {
      const { shards } = await fleet.look();
      const [shard] = shards;
      const owner = shard?.status?.owner ?? '';
      const [standby = ''] = shard?.status?.standbysInSync ?? [];
      const unready = await fleet.pod(standby);
      const others = (await fleet.pods()).filter(({ metadata }) => metadata.name !== owner);
      const calls = await fleet.hold(CALLS_OF_EACH * others.length, others);
      expect(fleet.at(calls, [unready])).toHaveLength(CALLS_OF_EACH);
      const faults = await fleet.faultsWhile(calls, async () => {
        await fleet.rehome('pause', owner);
        const isEmpty = async (): Promise<boolean> => (await fleet.tagsOf(standby)).length === 0;
        await until(isEmpty, TIMEOUT_MS, `${standby} to be emptied`);
        await fleet.untilAway(calls, [unready]);
        await fleet.rehome('resume', owner);
        await fleet.settled(4);
      });
      expect(faults.filter((fault) => !WAITED.test(fault))).toEqual([]);
      const said = (await fleet.cluster.list(EVENTS)).find(
        ({ reason, regarding }) => reason === 'PodUnready' && regarding.name === standby,
      );
      expect(said?.note).toContain('not in sync');
      expect((await fleet.pod(standby)).metadata.uid).toBe(unready.metadata.uid);
      expect(await fleet.tagsOf(standby)).not.toEqual([]);
      expect(await fleet.useAll(calls)).toEqual([]);
    } finally {
      await fleet.stop();
    }
  },
  TIMEOUT_MS,
);

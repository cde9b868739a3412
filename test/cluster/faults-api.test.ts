import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Pod } from '../../src/kube/objects.ts';
import type { TalkCall } from '../../src/local/talk.ts';
import { pause, until } from '../../src/local/until.ts';
import { seededRandom } from '../sim/random.ts';
import type { ApiFault } from './api-proxy.ts';
import { ClusterFleet, SYSTEM } from './cluster-fleet.ts';

const START_MS = 240_000;
const TIMEOUT_MS = 300_000;
const CALLS = 24;
const AWAY_MS = 60_000;
/** Everything takes longer while most of what is asked fails. */
const TROUBLED_MS = 140_000;
const CUT_EVERY_MS = 3_000;
const TROUBLED = 0.3;
const STALE_MS = 15_000;
/** Longer than leadership lasts without a renewal. */
const HANG_MS = 20_000;

/** Three of ten requests meet trouble, of every kind. */
function troubles(): () => ApiFault | undefined {
  const random = seededRandom(5);
  const kinds: readonly ApiFault[] = [
    { kind: 'status', code: 500 },
    { kind: 'status', code: 429, retryAfter: 1 },
    { kind: 'slow', ms: 1500 },
    { kind: 'lost' },
  ];
  return () => (random() < TROUBLED ? kinds[Math.floor(random() * kinds.length)] : undefined);
}

describe('the API server makes trouble, and no call notices', () => {
  let fleet: ClusterFleet;
  let calls: TalkCall[];

  beforeAll(async () => {
    fleet = await ClusterFleet.start({ nodes: 4, spec: '  failover: { suspectAfter: 6s }' });
    calls = await fleet.hold(CALLS);
  }, START_MS);

  afterAll(async () => {
    await fleet.stop();
  });

  async function anyPod(): Promise<Pod> {
    const [pod] = await fleet.pods();
    if (pod === undefined) throw new Error('there are no pods');
    return pod;
  }

  test(
    'it answers 500, 429, late or not at all, and cuts watches, while the cluster is scaled: all is done in the end',
    async () => {
      const faults = await fleet.faultsWhile(calls, async () => {
        fleet.proxy.fault = troubles();
        const cuts = setInterval(() => {
          fleet.proxy.cutWatches();
        }, CUT_EVERY_MS);
        try {
          await fleet.kubectl('scale', 'sipcluster/edge', '--replicas=4');
          await fleet.settled(4, TROUBLED_MS);
          await fleet.kubectl('scale', 'sipcluster/edge', '--replicas=3');
          await fleet.settled(3, TROUBLED_MS);
        } finally {
          clearInterval(cuts);
          fleet.proxy.heal();
        }
      });
      expect(faults).toEqual([]);
      for (const kind of ['status', 'slow', 'lost'] as const)
        expect([kind, (fleet.proxy.met.get(kind) ?? 0) > 0]).toEqual([kind, true]);
    },
    TIMEOUT_MS,
  );

  test(
    'it takes requests and answers none, while a pod dies: another has its calls, and the pod comes back',
    async () => {
      const pod = await anyPod();
      const hit = fleet.at(calls, [pod]);
      const faults = await fleet.faultsWhile(calls, async () => {
        fleet.proxy.cutWatches();
        fleet.proxy.fault = () => ({ kind: 'hang' });
        fleet.noteDeath(hit);
        fleet.kill(pod.metadata.uid ?? '');
        await fleet.untilAway(hit, [pod]);
        await pause(HANG_MS);
        fleet.proxy.heal();
        await fleet.settled(3);
      });
      expect(hit.length).toBeGreaterThan(0);
      expect(faults).toEqual([]);
      expect(fleet.proxy.met.get('hang')).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );

  test(
    'an operator starts and is given lists of a time when there was a pod less: nothing is undone, and all is well afterwards',
    async () => {
      await fleet.replaceOperator();
      await fleet.settled(3);
      await fleet.kubectl('scale', 'sipcluster/edge', '--replicas=4');
      const grown = await fleet.settled(4);
      const faults = await fleet.faultsWhile(calls, async () => {
        fleet.proxy.fault = ({ method, path }) =>
          method === 'GET' && path.includes('?') ? { kind: 'stale' } : undefined;
        await fleet.replaceOperator();
        await pause(STALE_MS);
        fleet.proxy.heal();
        await fleet.settled(4);
      });
      expect(faults).toEqual([]);
      expect(fleet.proxy.met.get('stale')).toBeGreaterThan(0);
      const uids = new Set((await fleet.pods()).map(({ metadata }) => metadata.uid));
      expect(grown.pods.filter(({ metadata }) => !uids.has(metadata.uid))).toEqual([]);
      await fleet.kubectl('scale', 'sipcluster/edge', '--replicas=3');
      await fleet.settled(3);
    },
    TIMEOUT_MS,
  );

  test(
    'it is away for a minute while a pod dies: calls are saved meanwhile, and the status is right afterwards',
    async () => {
      const pod = await anyPod();
      const hit = fleet.at(calls, [pod]);
      const before = new Map(
        (await fleet.tagsOf(pod.metadata.name)).map(({ metadata, status }) => [
          metadata.name,
          status?.epoch ?? 0,
        ]),
      );
      const faults = await fleet.faultsWhile(calls, async () => {
        await fleet.server.stopServer();
        const back = performance.now() + AWAY_MS;
        await pause(1000);
        fleet.noteDeath(hit);
        fleet.kill(pod.metadata.uid ?? '');
        await fleet.untilAway(hit, [pod]);
        await pause(back - performance.now());
        await fleet.server.start();
        await until(() => isRecorded(before), TIMEOUT_MS, 'the failover to be recorded');
        await fleet.settled(3);
      });
      expect(faults).toEqual([]);
      expect(before.size).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );

  async function isRecorded(before: ReadonlyMap<string, number>): Promise<boolean> {
    const { shards } = await fleet.look();
    return shards.every(({ metadata, status }) => {
      const epoch = before.get(metadata.name);
      return epoch === undefined || ((status?.epoch ?? 0) > epoch && status?.lastMove !== undefined);
    });
  }

  test(
    'two operators lead at once for a minute by mistake while every pod is replaced: no call is lost, some wait',
    async () => {
      await mayLeadIn('default');
      const other = fleet.startOperator('default');
      const until60 = performance.now() + AWAY_MS;
      const before = await fleet.pods();
      const faults = await fleet.faultsWhile(calls, async () => {
        await until(async () => (await fleet.leader('default')) !== '', TIMEOUT_MS, 'the second to lead');
        await fleet.kubectl(
          'patch',
          'sipcluster/edge',
          '--type=merge',
          '-p',
          '{"spec":{"image":"rehome:next"}}',
        );
        await pause(Math.max(0, until60 - performance.now()));
        await other.end('SIGKILL');
        await untilReplaced(before);
        await fleet.settled(3);
      });
      // A tag whose move one orders and the other undoes pauses more than once.
      expect(faults.filter((fault) => !/had to be repeated \d+ times$/.test(fault))).toEqual([]);
      expect(await fleet.useAll(calls)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  /** The chart gives rights to leases in one namespace only. */
  async function mayLeadIn(namespace: string): Promise<void> {
    const verbs = '--verb=get,create,update,patch,list,watch';
    await fleet.kubectl(
      'create',
      'role',
      'second',
      verbs,
      '--resource=leases.coordination.k8s.io',
      '-n',
      namespace,
    );
    const account = `--serviceaccount=${SYSTEM}:rehome-operator`;
    await fleet.kubectl('create', 'rolebinding', 'second', '--role=second', account, '-n', namespace);
  }

  function untilReplaced(old: readonly Pod[]): Promise<void> {
    const uids = new Set(old.map(({ metadata }) => metadata.uid));
    return until(
      async () => (await fleet.pods()).every(({ metadata }) => !uids.has(metadata.uid)),
      TIMEOUT_MS,
      'every pod to be replaced',
    );
  }
});

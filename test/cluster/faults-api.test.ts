import { describe, expect, test } from '@jest/globals';
import { pause, until } from '../../src/local/until.ts';
import { seededRandom } from '../sim/random.ts';
import type { ApiFault } from './api-proxy.ts';
import { SYSTEM } from './cluster-fleet.ts';
import { openScene } from './fleet-scene.ts';

const TIMEOUT_MS = 300_000;
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
  const scene = openScene();

  test(
    'it answers 500, 429, late or not at all, and cuts watches, while the cluster is scaled: all is done in the end',
    async () => {
      const faults = await scene.fleet.faultsWhile(scene.calls, async () => {
        scene.fleet.proxy.fault = troubles();
        const cuts = setInterval(() => {
          scene.fleet.proxy.cutWatches();
        }, CUT_EVERY_MS);
        try {
          await scene.fleet.kubectl('scale', 'sipcluster/edge', '--replicas=4');
          await scene.fleet.settled(4, TROUBLED_MS);
          await scene.fleet.kubectl('scale', 'sipcluster/edge', '--replicas=3');
          await scene.fleet.settled(3, TROUBLED_MS);
        } finally {
          clearInterval(cuts);
          scene.fleet.proxy.heal();
        }
      });
      expect(faults).toEqual([]);
      for (const kind of ['status', 'slow', 'lost'] as const)
        expect([kind, (scene.fleet.proxy.met.get(kind) ?? 0) > 0]).toEqual([kind, true]);
    },
    TIMEOUT_MS,
  );

  test(
    'it takes requests and answers none, while a pod dies: another has its calls, and the pod comes back',
    async () => {
      const pod = await scene.anyPod();
      const hit = scene.fleet.at(scene.calls, [pod]);
      const faults = await scene.fleet.faultsWhile(scene.calls, async () => {
        scene.fleet.proxy.cutWatches();
        scene.fleet.proxy.fault = () => ({ kind: 'hang' });
        scene.fleet.noteDeath(hit);
        scene.fleet.kill(pod.metadata.uid ?? '');
        await scene.fleet.untilAway(hit, [pod]);
        await pause(HANG_MS);
        scene.fleet.proxy.heal();
        await scene.fleet.settled(3);
      });
      expect(hit.length).toBeGreaterThan(0);
      expect(faults).toEqual([]);
      expect(scene.fleet.proxy.met.get('hang')).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );

  test(
    'an operator starts and is given lists of a time when there was a pod less: nothing is undone, and all is well afterwards',
    async () => {
      await scene.fleet.replaceOperator();
      await scene.fleet.settled(3);
      await scene.fleet.kubectl('scale', 'sipcluster/edge', '--replicas=4');
      const grown = await scene.fleet.settled(4);
      const faults = await scene.fleet.faultsWhile(scene.calls, async () => {
        scene.fleet.proxy.fault = ({ method, path }) =>
          method === 'GET' && path.includes('?') ? { kind: 'stale' } : undefined;
        await scene.fleet.replaceOperator();
        await pause(STALE_MS);
        scene.fleet.proxy.heal();
        await scene.fleet.settled(4);
      });
      expect(faults).toEqual([]);
      expect(scene.fleet.proxy.met.get('stale')).toBeGreaterThan(0);
      const uids = new Set((await scene.fleet.pods()).map(({ metadata }) => metadata.uid));
      expect(grown.pods.filter(({ metadata }) => !uids.has(metadata.uid))).toEqual([]);
      await scene.fleet.kubectl('scale', 'sipcluster/edge', '--replicas=3');
      await scene.fleet.settled(3);
    },
    TIMEOUT_MS,
  );

  test(
    'it is away for a minute while a pod dies: calls are saved meanwhile, and the status is right afterwards',
    async () => {
      const pod = await scene.anyPod();
      const hit = scene.fleet.at(scene.calls, [pod]);
      const before = new Map(
        (await scene.fleet.tagsOf(pod.metadata.name)).map(({ metadata, status }) => [
          metadata.name,
          status?.epoch ?? 0,
        ]),
      );
      const faults = await scene.fleet.faultsWhile(scene.calls, async () => {
        await scene.fleet.server.stopServer();
        const back = performance.now() + AWAY_MS;
        await pause(1000);
        scene.fleet.noteDeath(hit);
        scene.fleet.kill(pod.metadata.uid ?? '');
        await scene.fleet.untilAway(hit, [pod]);
        await pause(back - performance.now());
        await scene.fleet.server.start();
        await until(() => isRecorded(before), TIMEOUT_MS, 'the failover to be recorded');
        await scene.fleet.settled(3);
      });
      expect(faults).toEqual([]);
      expect(before.size).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );

  async function isRecorded(before: ReadonlyMap<string, number>): Promise<boolean> {
    const { shards } = await scene.fleet.look();
    return shards.every(({ metadata, status }) => {
      const epoch = before.get(metadata.name);
      return epoch === undefined || ((status?.epoch ?? 0) > epoch && status?.lastMove !== undefined);
    });
  }

  test(
    'two operators lead at once for a minute by mistake while every pod is replaced: no call is lost, some wait',
    async () => {
      await mayLeadIn('default');
      const other = scene.fleet.startOperator('default');
      const until60 = performance.now() + AWAY_MS;
      const before = await scene.fleet.pods();
      const faults = await scene.fleet.faultsWhile(scene.calls, async () => {
        await until(
          async () => (await scene.fleet.leader('default')) !== '',
          TIMEOUT_MS,
          'the second to lead',
        );
        await scene.fleet.kubectl(
          'patch',
          'sipcluster/edge',
          '--type=merge',
          '-p',
          '{"spec":{"image":"rehome:next"}}',
        );
        await pause(Math.max(0, until60 - performance.now()));
        await other.end('SIGKILL');
        await scene.untilReplaced(before);
        await scene.fleet.settled(3);
      });
      // A tag whose move one orders and the other undoes pauses more than once.
      expect(faults.filter((fault) => !/had to be repeated \d+ times$/.test(fault))).toEqual([]);
      expect(await scene.fleet.useAll(scene.calls)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  /** The chart gives rights to leases in one namespace only. */
  async function mayLeadIn(namespace: string): Promise<void> {
    const verbs = '--verb=get,create,update,patch,list,watch';
    await scene.fleet.kubectl(
      'create',
      'role',
      'second',
      verbs,
      '--resource=leases.coordination.k8s.io',
      '-n',
      namespace,
    );
    const account = `--serviceaccount=${SYSTEM}:rehome-operator`;
    await scene.fleet.kubectl('create', 'rolebinding', 'second', '--role=second', account, '-n', namespace);
  }
});

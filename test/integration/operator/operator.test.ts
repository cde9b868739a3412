import { describe, expect, test } from '@jest/globals';
import type { RosterStatus } from '../../../src/api/sip-cluster-type.ts';
import { DIALOG_SHARDS, NODES, PODS, SIP_CLUSTERS } from '../../../src/kube/kinds.ts';
import type { Pod } from '../../../src/kube/objects.ts';
import { NAMESPACE, sipCluster } from '../../unit/operator/memory.ts';
import { World } from './world.ts';

const LIMIT_MS = 90_000;

/** A world whose cluster is as it should be. */
async function settledWorld(spec: Record<string, unknown> = {}): Promise<World> {
  const world = new World();
  world.fleet.mesh.load['edge-00'] = 40;
  world.fleet.mesh.load['edge-01'] = 30;
  await world.start(spec);
  await world.untilSettled(Number(spec['replicas'] ?? 3));
  return world;
}

/** How many voters at most came or went from one roster to the next. */
function largestChange(rosters: readonly RosterStatus[]): number {
  const changes = rosters.slice(1).map(({ members }, index) => {
    const former = rosters[index]?.members ?? [];
    const isIn = (list: typeof members, pod: string): boolean => list.some((each) => each.pod === pod);
    const added = members.filter(({ pod }) => !isIn(former, pod));
    return added.length + former.filter(({ pod }) => !isIn(members, pod)).length;
  });
  return Math.max(...changes);
}

describe('an operator', () => {
  test(
    'makes pods, tags and a roster of all, and says so',
    async () => {
      const world = await settledWorld();
      expect(Object.keys(await world.owners()).sort()).toEqual(['edge-0', 'edge-1', 'edge-2']);
      const { status } = await world.cluster();
      expect(status?.roster?.members).toHaveLength(3);
      const { conditions = [] } = status ?? {};
      expect(conditions.filter((each) => each.status !== 'True').map(({ type }) => type)).toEqual(['Moving']);
      expect(new Set(conditions.map(({ observedGeneration }) => observedGeneration))).toEqual(new Set([1]));
      expect(world.reasons.filter((reason) => reason === 'PodCreated')).toHaveLength(3);
      expect(world.reasons.filter((reason) => reason === 'FirstPlacement')).toHaveLength(4);
    },
    LIMIT_MS,
  );

  test(
    'does nothing while nothing changes',
    async () => {
      const world = await settledWorld();
      // What was written at last is planned on once more.
      await world.untilIdle();
      const plansOf = async (): Promise<number> => {
        const { values } = await world.metrics.plans.get();
        return values.reduce((sum, { value }) => sum + value, 0);
      };
      const before = await plansOf();
      const { resourceVersion } = await world.api.list(SIP_CLUSTERS, {});
      await new Promise((resolve) => setTimeout(resolve, 2000));
      expect((await plansOf()) - before).toBeLessThanOrEqual(2);
      const { items } = await world.api.list(SIP_CLUSTERS, {});
      const written = [...items, ...(await world.shards()), ...(await world.pods())].filter(
        ({ metadata }) => Number(metadata.resourceVersion) > Number(resourceVersion),
      );
      expect(written).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    'records the failover of a crashed pod and gives the newcomer its share back',
    async () => {
      const world = await settledWorld();
      const before = await world.owners();
      await world.fleet.crash('edge-1');
      await world.until(
        async () => (await world.shards()).some(({ status }) => status?.lastMove?.from === 'edge-1'),
        'the failover is recorded',
      );
      await world.until(
        async () => (await world.owners())['edge-1'] === before['edge-1'] && (await world.settled(3)),
        'the pod that started anew owns its share again',
      );
      await world.untilSaid('FailoverRecorded');
      const { status } = (await world.shards()).find(({ metadata }) => metadata.name === 'edge-00') ?? {};
      expect(status?.dialogs).toBe(40);
    },
    LIMIT_MS,
  );

  test(
    'replaces a pod that is gone for good, one voter at a time',
    async () => {
      const world = await settledWorld();
      const gone = await world.pod('edge-1');
      const rosters = world.watchRosters();
      await world.fleet.fail('edge-1');
      await world.until(async () => {
        const isThere = (await world.pods()).some(({ metadata }) => metadata.uid === gone.metadata.uid);
        return !isThere && (await world.settled(3));
      }, 'there is another pod');
      await world.until(() => rosters.at(-1)?.members.length === 3, 'the roster has three voters again');
      expect(largestChange(rosters)).toBe(1);
      await world.untilSaid('PodDied');
      expect(Object.keys(await world.owners())).toHaveLength(3);
    },
    LIMIT_MS,
  );

  test(
    'empties a cordoned pod and keeps it, and gives it its share when it is uncordoned',
    async () => {
      const world = await settledWorld();
      const { metadata } = await world.pod('edge-2');
      await world.annotate(PODS, 'edge-2', 'sip.rehome.dev/cordon', 'maintenance');
      await world.until(async () => (await world.owners())['edge-2'] === undefined, 'edge-2 owns nothing');
      const moved = (await world.shards()).filter(({ status }) => status?.lastMove?.from === 'edge-2');
      expect(moved.map(({ status }) => status?.lastMove?.cause)).toEqual(moved.map(() => 'PodCordoned'));
      expect(moved.length).toBeGreaterThan(0);
      expect((await world.pod('edge-2')).metadata.uid).toBe(metadata.uid);
      await world.unannotate(PODS, 'edge-2', 'sip.rehome.dev/cordon');
      await world.until(async () => ((await world.owners())['edge-2'] ?? 0) > 0, 'edge-2 owns tags again');
      await world.untilSettled(3);
      expect((await world.pod('edge-2')).metadata.uid).toBe(metadata.uid);
      await world.untilSaid('PodCordoned', 'PodUncordoned');
    },
    LIMIT_MS,
  );

  test(
    'empties the pod of a cordoned node',
    async () => {
      const world = await settledWorld();
      const node = (await world.pod('edge-0')).spec.nodeName ?? '';
      await world.patch(NODES, node, [{ op: 'add', path: '/spec/unschedulable', value: true }]);
      await world.until(
        async () =>
          (await world.shards()).every(
            ({ status }) => status?.lastMove?.from === 'edge-0' || status?.owner !== 'edge-0',
          ),
        'edge-0 owns nothing that it had',
      );
      const causes = (await world.shards()).flatMap(({ status }) =>
        status?.lastMove?.from === 'edge-0' ? [status.lastMove.cause] : [],
      );
      expect(new Set(causes)).toEqual(new Set(['NodeCordoned']));
      await world.untilSaid('NodeCordoned');
    },
    LIMIT_MS,
  );

  test(
    'scales out and in, and moves tags before it deletes a pod',
    async () => {
      const world = await settledWorld({ shards: 10 });
      const rosters = world.watchRosters();
      await world.setSpec('replicas', 5);
      await world.untilSettled(5);
      await world.until(
        async () => Object.values(await world.owners()).every((count) => count === 2),
        'each pod owns two',
      );
      await world.setSpec('replicas', 2);
      await world.untilSettled(2);
      const { status } = await world.cluster();
      // With two pods the operator is the third voter.
      await world.until(async () => (await world.votes()) === 1, 'the operator votes');
      expect(status?.roster?.members.map(({ role }) => role).sort()).toEqual(['proxy', 'proxy', 'witness']);
      expect(largestChange(rosters)).toBe(1);
      const lost = world.fleet.mesh.history.filter(({ claim }) => claim === 'dead');
      expect(lost).toEqual([]);
      await world.untilSaid('ScaledOut', 'ScaledIn');
    },
    LIMIT_MS,
  );

  test.each([1, 0])(
    'rolls a new template with a surge of %i, and no tag loses its owner',
    async (maxSurge) => {
      const world = await settledWorld({ rollout: { maxSurge } });
      const before = new Set((await world.pods()).map(({ metadata }) => metadata.uid));
      let most = 0;
      await world.setSpec('image', 'rehome:0.2.0');
      await world.until(async () => {
        const pods = await world.pods();
        most = Math.max(most, pods.length);
        return pods.every(({ metadata }) => !before.has(metadata.uid)) && (await world.settled(3));
      }, 'all pods are new');
      expect(most).toBe(3 + maxSurge);
      expect(world.fleet.mesh.history.filter(({ claim }) => claim === 'dead')).toEqual([]);
      expect((await world.pods()).map(({ spec }) => spec.containers[0]?.image)).toEqual(
        Array(3).fill('rehome:0.2.0'),
      );
      await world.untilSaid('RolloutStarted', 'RolloutFinished');
    },
    LIMIT_MS,
  );

  test(
    'keeps running on the last good spec, and says all that is wrong with the new one',
    async () => {
      const world = await settledWorld();
      const pods = (await world.pods()).map(({ metadata }) => metadata.uid);
      await world.setSpec('replicas', 'many');
      await world.setSpec('shards', -1);
      const accepted = async (): Promise<string> => {
        const { status } = await world.cluster();
        const condition = status?.conditions.find(({ type }) => type === 'Accepted');
        return condition?.status === 'False' ? condition.message : '';
      };
      await world.until(async () => (await accepted()).includes('spec.shards'), 'the spec is refused');
      expect(await accepted()).toContain('spec.replicas');
      expect((await world.pods()).map(({ metadata }) => metadata.uid)).toEqual(pods);
      await world.untilSaid('SpecRejected');
      await world.setSpec('shards', 5);
      await world.setSpec('replicas', 3);
      await world.until(
        async () => (await world.shards()).length === 5 && (await world.settled(3)),
        'there are five tags',
      );
    },
    LIMIT_MS,
  );

  test(
    'that starts on a bad spec goes on with the last good one',
    async () => {
      const world = await settledWorld();
      const pods = (await world.pods()).map(({ metadata }) => metadata.uid);
      await world.operator?.stop();
      await world.setSpec('replicas', 'many');
      await world.startOperator();
      await world.untilSaid('SpecRejected');
      await world.untilIdle();
      expect((await world.pods()).map(({ metadata }) => metadata.uid)).toEqual(pods);
      await world.fleet.fail('edge-1');
      await world.until(async () => {
        const names = (await world.pods()).map(({ metadata }) => metadata.name);
        return names.length === 3 && (await world.cluster()).status?.readyReplicas === 3;
      }, 'the pod is replaced by the last good spec');
    },
    LIMIT_MS,
  );

  test(
    'looks after clusters of several namespaces, and restarts no pod when another operator comes',
    async () => {
      const world = await settledWorld();
      const there = sipCluster('edge');
      there.metadata.namespace = 'elsewhere';
      await world.api.create(SIP_CLUSTERS, there);
      const both = async (): Promise<(string | undefined)[]> =>
        (await world.api.list(SIP_CLUSTERS, {})).items.map(({ status }) => status?.phase);
      await world.until(async () => (await both()).every((phase) => phase === 'Ready'), 'both are ready');
      const pods = (await world.pods()).map(({ metadata }) => metadata.uid);
      expect(pods).toHaveLength(6);
      await world.operator?.stop();
      await world.startOperator();
      await world.untilIdle();
      expect((await world.pods()).map(({ metadata }) => metadata.uid)).toEqual(pods);
    },
    LIMIT_MS,
  );

  test(
    'does nothing to a paused cluster but tell how it is',
    async () => {
      const world = await settledWorld();
      await world.annotate(SIP_CLUSTERS, 'edge', 'sip.rehome.dev/paused', 'a test');
      await world.until(() => world.reasons.includes('Paused'), 'it says that it is paused');
      await world.setSpec('replicas', 4);
      await world.fleet.crash('edge-0');
      await world.until(
        async () => (await world.shards()).some(({ status }) => status?.lastMove?.from === 'edge-0'),
        'the failover is recorded',
      );
      expect(await world.pods()).toHaveLength(3);
      await world.unannotate(SIP_CLUSTERS, 'edge', 'sip.rehome.dev/paused');
      await world.untilSettled(4);
    },
    LIMIT_MS,
  );

  test(
    'moves a tag by hand',
    async () => {
      const world = await settledWorld();
      const shard = (await world.shards()).find(({ metadata }) => metadata.name === 'edge-00');
      const to = ['edge-0', 'edge-1', 'edge-2'].find((name) => name !== shard?.status?.owner) ?? '';
      await world.annotate(DIALOG_SHARDS, 'edge-00', 'sip.rehome.dev/move-to', to);
      await world.until(async () => {
        const { metadata, status } = (await world.shards())[0] ?? {};
        return status?.owner === to && metadata?.annotations?.['sip.rehome.dev/move-to'] === undefined;
      }, 'edge-00 is there and the annotation is gone');
      const moved = (await world.shards())[0]?.status?.lastMove;
      await world.until(
        async () => (await world.shards())[0]?.status?.lastMove?.durationMs !== undefined,
        'all calls are home',
      );
      expect(moved).toMatchObject({ cause: 'ByHand', to, dialogs: 40 });
      await world.untilSaid('MoveStarted', 'MoveFinished');
    },
    LIMIT_MS,
  );

  test(
    'begins a new generation of the roster when it is told to, far above all epochs',
    async () => {
      const world = await settledWorld();
      const before = (await world.cluster()).status?.roster;
      await world.annotate(SIP_CLUSTERS, 'edge', 'sip.rehome.dev/new-roster', 'two nodes burnt');
      await world.until(
        async () => (await world.cluster()).status?.roster?.generation === (before?.generation ?? 0) + 1,
        'there is a new generation',
      );
      const after = (await world.cluster()).status?.roster;
      expect(after?.number).toBeGreaterThan(before?.number ?? 0);
      expect(Object.values(after?.floor ?? {}).every((epoch) => epoch > 1000)).toBe(true);
      await world.untilSaid('RosterReset');
      await world.untilSettled(3);
    },
    LIMIT_MS,
  );

  test(
    'makes a roster again that somebody cut in the status',
    async () => {
      const world = new World();
      await world.start();
      await world.untilSettled(3);
      const roster = async (): Promise<Partial<RosterStatus>> => (await world.cluster()).status?.roster ?? {};
      const before = await roster();
      const cut = [{ op: 'remove', path: '/status/roster/members' }] as const;
      const ref = { namespace: NAMESPACE, name: 'edge' };
      await world.api.patch(SIP_CLUSTERS, ref, cut, { subresource: 'status' });
      await world.until(async () => (await roster()).members?.length === 3, 'there is a whole roster again');
      await world.untilSettled(3);
      expect((await roster()).number).toBeGreaterThan(before.number ?? 0);
      expect(world.fleet.mesh.history.filter(({ claim }) => claim === 'dead')).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    'gives a pod another name where one of somebody else has it',
    async () => {
      const world = new World();
      const stranger: Pod = {
        ...{ apiVersion: 'v1', kind: 'Pod', spec: { containers: [] } },
        metadata: { name: 'edge-1', namespace: NAMESPACE },
      };
      await world.api.create(PODS, stranger);
      await world.start();
      await world.until(
        async () => (await world.cluster()).status?.readyReplicas === 3,
        'three pods are ready',
      );
      const own = (await world.pods()).filter(({ metadata }) => metadata.ownerReferences !== undefined);
      expect(own.map(({ metadata }) => metadata.name).sort()).toEqual(['edge-0', 'edge-2', 'edge-3']);
      const told = world.events.filter(({ eventReason }) => eventReason === 'PodCreated');
      expect(told.map(({ note }) => note.split(':')[0]).sort()).toEqual(['edge-0', 'edge-2', 'edge-3']);
    },
    LIMIT_MS,
  );

  test(
    'looks after a cluster that was made anew under the same name, and leaves one that is gone',
    async () => {
      const world = await settledWorld();
      const first = await world.cluster();
      await world.api.delete(SIP_CLUSTERS, { namespace: first.metadata.namespace ?? '', name: 'edge' });
      await world.until(async () => (await world.pods()).length === 0, 'its pods are gone');
      world.fleet.mesh.tags.clear();
      const { metadata, spec } = first;
      await world.api.create(SIP_CLUSTERS, {
        ...first,
        metadata: { name: metadata.name, namespace: metadata.namespace ?? '' },
        spec,
      });
      await world.untilSettled(3);
      expect((await world.cluster()).metadata.uid).not.toBe(metadata.uid);
    },
    LIMIT_MS,
  );
});

import { beforeEach, describe, expect, test } from '@jest/globals';
import type { RosterStatus, SipCluster } from '../../../src/api/sip-cluster-type.ts';
import { KubeError, type KubeApi } from '../../../src/kube/api.ts';
import { CONFIG_MAPS, DIALOG_SHARDS, PODS, SECRETS, SIP_CLUSTERS } from '../../../src/kube/kinds.ts';
import type { Pod } from '../../../src/kube/objects.ts';
import type { MemoryKubernetes } from '../../../src/local/kubernetes/memory-api.ts';
import { keysIn } from '../../../src/operator/steps/key-secret.ts';
import { ownedMetadata } from '../../../src/reconcile/owner.ts';
import { LeadershipLost, perform, type FailedStep } from '../../../src/operator/steps/perform.ts';
import type { Step } from '../../../src/reconcile/plan-type.ts';
import { dialogShard, NAMESPACE, newKubernetes, sipCluster } from './memory.ts';

let api: MemoryKubernetes;
let cluster: SipCluster;
let leads: boolean;
let said: string[];
let wished: string[];
let written: string[];

beforeEach(async () => {
  api = newKubernetes();
  cluster = await api.create(SIP_CLUSTERS, sipCluster('edge'));
  leads = true;
  [said, wished, written] = [[], [], []];
});

const run = (steps: Step[], through: KubeApi = api): Promise<FailedStep[]> =>
  perform(steps, {
    api: through,
    namespace: NAMESPACE,
    cluster: cluster.metadata,
    wallMs: () => Date.parse('2026-03-01T12:00:00Z'),
    leads: () => leads,
    wrote: (kind, { metadata }) => written.push(`${kind.plural}/${metadata.name}`),
    wish: (uid) => wished.push(uid),
    event: ({ note }) => said.push(note),
  });

const pod = (name: string): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: ownedMetadata(cluster.metadata, name),
  spec: { nodeName: 'n1', containers: [{ name: 'proxy', image: 'rehome' }] },
});

const roster = (number: number): RosterStatus => ({
  ...{ number, generation: 1, floor: {} },
  members: [{ pod: 'edge-0.aaaa', role: 'proxy', mesh: '127.0.0.1:7946' }],
});
const store = (number: number, previousNumber: number): Step => ({
  ...{ type: 'storeRoster', status: roster(number), previousNumber },
  reason: 'a roster',
});
const say = (note: string): Step => ({
  type: 'event',
  about: { kind: 'SipCluster', name: 'edge', uid: '1' },
  ...{ eventType: 'Normal', eventReason: 'PodCreated', note, reason: note },
});
const live = (): Promise<SipCluster> => api.get(SIP_CLUSTERS, { namespace: NAMESPACE, name: 'edge' });

describe('performing a plan', () => {
  test('makes what is not there, and leaves what is', async () => {
    const steps: Step[] = [
      { type: 'createPod', name: 'edge-0', object: pod('edge-0'), reason: 'a pod is missing' },
      { type: 'createShard', object: dialogShard('edge', 'edge-00'), reason: 'a tag is missing' },
      { type: 'createSecret', name: 'edge-mesh', ring: 'mesh', reason: 'the mesh needs a key' },
    ];
    expect(await run(steps)).toEqual([]);
    const key = keysIn(await api.get(SECRETS, { namespace: NAMESPACE, name: 'edge-mesh' }), 'mesh');
    expect(key).toHaveLength(1);
    expect(key[0]?.secret.length).toBeGreaterThanOrEqual(32);
    expect(await run(steps)).toEqual([]);
    expect(keysIn(await api.get(SECRETS, { namespace: NAMESPACE, name: 'edge-mesh' }), 'mesh')).toEqual(key);
    // What the caches may not have yet is waited for.
    expect(written).toEqual(['pods/edge-0', 'dialogshards/edge-00', 'secrets/edge-mesh', 'pods/edge-0']);
  });

  test('does not take a pod of somebody else for the one that it was to make', async () => {
    const step: Step = {
      type: 'createPod',
      name: 'edge-0',
      object: pod('edge-0'),
      reason: 'a pod is missing',
    };
    await api.create(PODS, { ...pod('edge-0'), metadata: { name: 'edge-0', namespace: NAMESPACE } });
    const failed = await run([step, { ...say('it was made'), creationOf: 'edge-0' } as Step]);
    expect(failed.map(({ error }) => (error as KubeError).reason)).toEqual(['AlreadyExists']);
    expect(said).toEqual([]);
  });

  test('binds no cluster of the same name, which was made meanwhile, to what was accepted of the former', async () => {
    await api.delete(SIP_CLUSTERS, { namespace: NAMESPACE, name: 'edge' });
    const next = await api.create(SIP_CLUSTERS, sipCluster('edge'));
    const write: Step = {
      type: 'clusterStatus',
      status: {
        observedGeneration: 1,
        phase: 'Ready',
        ...{ replicas: 3, selector: '', readyReplicas: 3, dialogs: 0, shards: 4, pods: [], conditions: [] },
      },
      reason: '',
    };
    expect(await run([write])).toEqual([]);
    expect(await run([store(1, 0)])).toHaveLength(1);
    expect((await live()).metadata.uid).toBe(next.metadata.uid);
    expect((await live()).status).toBeUndefined();
  });

  test('deletes only the pod that was meant', async () => {
    const first = await api.create(PODS, pod('edge-0'));
    await api.delete(PODS, { namespace: NAMESPACE, name: 'edge-0' }, { gracePeriodSeconds: 0 });
    await api.create(PODS, pod('edge-0'));
    const meant = { type: 'deletePod', name: 'edge-0', reason: 'it is empty' } as const;
    expect(await run([{ ...meant, uid: first.metadata.uid ?? '' }])).toEqual([]);
    const second = await api.get(PODS, { namespace: NAMESPACE, name: 'edge-0' });
    expect(second.metadata.deletionTimestamp).toBeUndefined();
    expect(await run([{ ...meant, uid: second.metadata.uid ?? '' }])).toEqual([]);
    const going = await api.get(PODS, { namespace: NAMESPACE, name: 'edge-0' });
    expect(going.metadata.deletionTimestamp).toBeDefined();
    expect(await run([{ ...meant, name: 'edge-7', uid: 'x' }])).toEqual([]);
  });

  test('stores a roster onto the one that it follows, and nothing after one that it does not', async () => {
    expect(await run([store(1, 0), say('one')])).toEqual([]);
    expect((await live()).status?.roster?.number).toBe(1);
    expect(await run([store(2, 1), say('two')])).toEqual([]);
    const failed = await run([store(2, 1), say('three')]);
    expect(failed).toHaveLength(1);
    expect((await live()).status?.roster?.number).toBe(2);
    expect(await run([store(1, 0)])).toHaveLength(1);
    expect(said).toEqual(['one', 'two']);
  });

  test('keeps the writers of a status apart', async () => {
    const condition = { type: 'Ready', status: 'True', reason: 'AsDesired', message: '' } as const;
    const status = {
      observedGeneration: 1,
      phase: 'Ready',
      ...{ replicas: 3, selector: '', readyReplicas: 3, dialogs: 0, shards: 4, pods: [] },
      conditions: [{ ...condition, observedGeneration: 1, lastTransitionTime: '2026-11-24T00:00:00Z' }],
    } as const;
    const write: Step = {
      type: 'clusterStatus',
      status: { ...status, pods: [], conditions: [] },
      reason: '',
    };
    await run([write, store(1, 0), { ...write, status: { ...write.status, dialogs: 7 } }]);
    expect((await live()).status).toMatchObject({ dialogs: 7, roster: { number: 1 } });
    await api.create(DIALOG_SHARDS, dialogShard('edge', 'edge-00'));
    const ref = { namespace: NAMESPACE, name: 'edge-00' };
    const vote = { epoch: 2, pod: 'a', boot: 'b' };
    await api.patch(DIALOG_SHARDS, ref, [{ op: 'add', path: '/status', value: { vote } }], {
      subresource: 'status',
    });
    const shard = {
      observedGeneration: 1,
      phase: 'Active',
      owner: 'edge-0',
      ownerUid: 'u',
      epoch: 2,
    } as const;
    const rest = { standbys: [], standbysInSync: [], dialogs: 0, conditions: [] };
    await run([{ type: 'shardStatus', name: 'edge-00', status: { ...shard, ...rest }, reason: '' }]);
    expect((await api.get(DIALOG_SHARDS, ref)).status).toMatchObject({ owner: 'edge-0', vote });
  });

  test('makes a status what it should be though somebody else wrote into it', async () => {
    await api.create(DIALOG_SHARDS, dialogShard('edge', 'edge-00'));
    const ref = { namespace: NAMESPACE, name: 'edge-00' };
    const foreign = {
      ...{ phase: 'Foo', vote: { epoch: 2, pod: 'a', boot: 'b' }, lastMove: 7, 'a/b': 1 },
      ...{ conditions: [{ type: 'Mine' }], pendingMove: { cause: 'Evil', to: 'edge-9' } },
    };
    await api.patch(DIALOG_SHARDS, ref, [{ op: 'add', path: '/status', value: foreign }], {
      subresource: 'status',
    });
    const status = {
      observedGeneration: 1,
      phase: 'Active',
      ...{ owner: 'edge-0', ownerUid: 'u', epoch: 2, dialogs: 0 },
    } as const;
    const rest = { standbys: [], standbysInSync: [], conditions: [] };
    const step: Step = {
      type: 'shardStatus',
      name: 'edge-00',
      status: { ...status, ...rest },
      reason: '',
    };
    expect(await run([step])).toEqual([]);
    const first = await api.get(DIALOG_SHARDS, ref);
    expect(first.status).toEqual({ ...status, ...rest, vote: foreign.vote });
    expect(await run([step])).toEqual([]);
    expect((await api.get(DIALOG_SHARDS, ref)).metadata.resourceVersion).toBe(first.metadata.resourceVersion);
  });

  test('takes an annotation away once', async () => {
    const key = 'sip.rehome.dev/move-to';
    const shard = dialogShard('edge', 'edge-00');
    await api.create(DIALOG_SHARDS, {
      ...shard,
      metadata: { ...shard.metadata, annotations: { [key]: 'edge-1', a: 'b' } },
    });
    const step: Step = {
      type: 'removeAnnotation',
      kind: 'DialogShard',
      name: 'edge-00',
      key,
      reason: 'it is there',
    };
    expect(await run([step])).toEqual([]);
    expect(await run([step])).toEqual([]);
    const stored = await api.get(DIALOG_SHARDS, { namespace: NAMESPACE, name: 'edge-00' });
    expect(stored.metadata.annotations).toEqual({ a: 'b' });
  });

  test('goes on after a step that failed, and names it', async () => {
    const refusing: KubeApi = Object.assign(Object.create(api) as KubeApi, {
      create: () => Promise.reject(new KubeError(403, 'Forbidden', 'exceeded quota')),
    });
    const failed = await run(
      [
        { type: 'createPod', name: 'edge-0', object: pod('edge-0'), reason: 'a pod is missing' },
        { type: 'sendState', pod: 'edge-1', uid: 'u1', state: {} as never, reason: 'its tags changed' },
        say('go on'),
      ],
      refusing,
    );
    expect(failed.map(({ step, error }) => [step.type, String(error)])).toEqual([
      ['createPod', 'KubeError: exceeded quota'],
    ]);
    expect([wished, said]).toEqual([['u1'], ['go on']]);
  });

  test('applies objects, and does nothing once it does not lead', async () => {
    const metadata = { name: 'edge-proxy', namespace: NAMESPACE };
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'config.yaml': '{}' } };
    const step: Step = { type: 'applyObject', object, reason: 'the config changed' };
    expect(await run([step])).toEqual([]);
    expect((await api.get(CONFIG_MAPS, { namespace: NAMESPACE, name: 'edge-proxy' })).data).toEqual(
      object.data,
    );
    leads = false;
    const left = await run([step, say('too late')]);
    expect(left.map(({ error }) => error instanceof LeadershipLost)).toEqual([true, true]);
    expect(said).toEqual([]);
  });
});

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Condition, KubeObject } from '../../src/api/object-type.ts';
import { ChartApi } from './chart-api.ts';
import { outputOf, type Ended } from './chart-tools.ts';
import { fullShardSpec, fullSpec } from './full-spec.ts';

const START_MS = 120_000;
const STEP_MS = 60_000;
const api = new ChartApi();
/** What `kubectl apply -f crds` said first, as most people do it: with the whole definition in an annotation, which has a limit. */
let created: Ended | undefined;

const kubectl = (...args: string[]): Promise<string> => outputOf(api.kubectl(args));
const apply = (object: unknown, ...args: string[]): Promise<Ended> =>
  api.kubectl(['apply', '-f', '-', ...args], JSON.stringify(object));

function object(kind: string, name: string, spec: unknown): KubeObject & { spec: unknown } {
  return { apiVersion: 'sip.rehome.dev/v1alpha1', kind, metadata: { name }, spec };
}

const cluster = (name: string, spec: unknown = fullSpec(name)): object => object('SipCluster', name, spec);
const shard = (name: string, spec: unknown = fullShardSpec()): object => object('DialogShard', name, spec);

async function read<T>(kind: string, name: string): Promise<T> {
  return JSON.parse(await kubectl('get', kind, name, '-o', 'json')) as T;
}

/** Writes `status` as the operator does. */
function writeStatus(kind: string, name: string, status: unknown): Promise<Ended> {
  const patch = JSON.stringify({ status });
  return api.kubectl(['patch', kind, name, '--subresource=status', '--type=merge', '-p', patch]);
}

beforeAll(async () => {
  await api.start();
  created = await api.kubectl(['apply', '-f', 'crds']);
  await kubectl('wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all');
}, START_MS);
afterAll(() => api.stop());

test(
  'both definitions are taken without a warning, twice, and nothing about them is amiss',
  async () => {
    expect(created).toMatchObject({ code: 0, stderr: '' });
    const { code, stdout, stderr } = await api.kubectl(['apply', '-f', 'crds']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.trim().split('\n')).toEqual([
      'customresourcedefinition.apiextensions.k8s.io/dialogshards.sip.rehome.dev unchanged',
      'customresourcedefinition.apiextensions.k8s.io/sipclusters.sip.rehome.dev unchanged',
    ]);
    for (const name of ['sipclusters', 'dialogshards']) {
      const { status } = await read<{ status: { conditions: Condition[] } }>('crd', `${name}.sip.rehome.dev`);
      const seen = status.conditions.map((each) => `${each.type} ${each.status}`).sort();
      expect(seen).toEqual(['Established True', 'NamesAccepted True']);
    }
  },
  STEP_MS,
);

test(
  'defaults are there as soon as an object is',
  async () => {
    await outputOf(apply(cluster('defaults', { listeners: [{ name: 'public' }] })));
    const { spec } = await read<{ spec: Record<string, unknown> }>('sipc', 'defaults');
    expect(spec).toMatchObject({
      ...{ replicas: 3, shards: 12, deletionWait: '30s', hostNetwork: false, routes: [], targets: [] },
      listeners: [{ name: 'public', transports: ['UDP'], port: 5060, advertise: { from: 'PodIP' } }],
      rehoming: { method: 'Reinvite', perPeer: { maxInFlight: 200 } },
      service: { enabled: true, type: 'ClusterIP', externalTrafficPolicy: 'Local' },
      drain: { taints: expect.arrayContaining(['karpenter.sh/disrupted']) },
    });
    await outputOf(apply(shard('a', { clusterRef: 'defaults', tag: 'a' })));
    expect((await read<{ spec: unknown }>('dsh', 'a')).spec).toEqual({
      ...{ clusterRef: 'defaults', tag: 'a', group: '', preferredPods: [] },
    });
  },
  STEP_MS,
);

test(
  'names are such that pods and tags can have them',
  async () => {
    for (const name of ['a.b', '3com', 'a'.repeat(49)])
      expect((await apply(cluster(name))).stderr).toContain('the name must be at most 48 small letters');
  },
  STEP_MS,
);

test(
  'a map of addresses has those of the pods of its cluster',
  async () => {
    const map = { 'edge-0': '192.0.2.1', 'edge-1': '192.0.2.2' };
    const listeners = [{ name: 'public', advertise: { from: 'Map', map } }];
    await outputOf(apply(cluster('edge', { replicas: 2, listeners })));
    const other = await apply(cluster('core', { replicas: 2, listeners }));
    expect(other.stderr).toContain('advertise.map must name the pods of this SipCluster');
    const third = await api.kubectl(['scale', 'sipcluster', 'edge', '--replicas=3']);
    expect(third.stderr).toContain('advertise.map must have an address for every pod');
  },
  STEP_MS,
);

test(
  'what never changes cannot be changed, and shards only grow',
  async () => {
    await outputOf(apply(cluster('grown')));
    const fewer = await apply(cluster('grown', { ...fullSpec('grown'), shards: 11 }));
    expect(fewer.stderr).toContain('shards may only grow');
    await outputOf(apply(cluster('grown', { ...fullSpec('grown'), shards: 13 })));
    await outputOf(apply(shard('kept')));
    for (const field of ['clusterRef', 'tag']) {
      const { stderr } = await apply(shard('kept', { ...fullShardSpec(), [field]: 'other' }));
      expect(stderr).toContain(`${field} never changes: make another DialogShard`);
    }
    const twice = await apply(shard('twice', { ...fullShardSpec(), preferredPods: ['a', 'b', 'a'] }));
    expect(twice.stderr).toContain('preferredPods: a pod may be there once');
  },
  STEP_MS,
);

test(
  'a cluster is scaled by kubectl, below the copies that it asked for too, and not above its tags',
  async () => {
    await outputOf(apply(cluster('scaled')));
    await outputOf(writeStatus('sipc', 'scaled', { replicas: 3, selector: 'sip.rehome.dev/cluster=scaled' }));
    const scale = [
      'get',
      '--raw',
      '/apis/sip.rehome.dev/v1alpha1/namespaces/default/sipclusters/scaled/scale',
    ];
    const { spec, status } = JSON.parse(await kubectl(...scale)) as { spec: unknown; status: unknown };
    expect({ spec, status }).toEqual({
      ...{ spec: { replicas: 3 }, status: { replicas: 3, selector: 'sip.rehome.dev/cluster=scaled' } },
    });
    await kubectl('scale', 'sipcluster', 'scaled', '--replicas=2');
    expect((await read<{ spec: { replicas: number } }>('sipc', 'scaled')).spec.replicas).toBe(2);
    const raised = await api.kubectl([
      ...['patch', 'sipc', 'scaled', '--type=merge', '-p', '{"spec":{"replication":{"factor":3}}}'],
    ]);
    expect(raised.stderr).toContain('replication.factor must be below replicas');
    const tooMany = await api.kubectl(['scale', 'sipcluster', 'scaled', '--replicas=13']);
    expect(tooMany.stderr).toContain('replicas must be at most shards');
  },
  STEP_MS,
);

test(
  'the status is written apart from the spec, and no epoch in it falls',
  async () => {
    await outputOf(apply(shard('epochs')));
    await outputOf(writeStatus('dsh', 'epochs', { epoch: 7, vote: { epoch: 7 } }));
    expect((await writeStatus('dsh', 'epochs', { epoch: 6 })).stderr).toContain('epoch never falls');
    const vote = await writeStatus('dsh', 'epochs', { vote: { epoch: 6 } });
    expect(vote.stderr).toContain('the epoch of a vote never falls');
    for (const epoch of [2 ** 31, Number.MAX_SAFE_INTEGER])
      expect((await writeStatus('dsh', 'epochs', { epoch })).stderr).toContain(
        'less than or equal to 2147483647',
      );
    await outputOf(writeStatus('dsh', 'epochs', { epoch: 8 }));
    // Whoever writes the spec does not touch it.
    await outputOf(apply({ ...shard('epochs'), status: { epoch: 1 } }));
    const { status, metadata } = await read<KubeObject & { status: unknown }>('dsh', 'epochs');
    expect([status, metadata.generation]).toEqual([{ epoch: 8, vote: { epoch: 7 } }, 1]);
  },
  STEP_MS,
);

test(
  'two managers have a listener each',
  async () => {
    const listener = (name: string, port: number): unknown => ({ name, port });
    for (const [manager, each] of [
      ['one', listener('public', 5060)],
      ['two', listener('internal', 5070)],
    ] as const)
      await outputOf(
        apply(cluster('shared', { listeners: [each] }), '--server-side', `--field-manager=${manager}`),
      );
    const { spec } = await read<{ spec: { listeners: { name: string }[] } }>('sipc', 'shared');
    expect(spec.listeners.map(({ name }) => name)).toEqual(['public', 'internal']);
    const theirs = apply(
      cluster('shared', { listeners: [listener('public', 5062)] }),
      ...['--server-side', '--field-manager=two'],
    );
    expect((await theirs).stderr).toContain('conflict with "one"');
  },
  STEP_MS,
);

test(
  'kubectl get shows what matters',
  async () => {
    await outputOf(apply(cluster('shown')));
    await outputOf(writeStatus('sipc', 'shown', { phase: 'Ready', readyReplicas: 2, dialogs: 42 }));
    await outputOf(apply(shard('shown')));
    const lastMove = { cause: 'PodDied' };
    await outputOf(
      writeStatus('dsh', 'shown', { owner: 'c-0', epoch: 4, standbys: ['c-1'], dialogs: 9, lastMove }),
    );
    const cells = async (...args: string[]): Promise<string[][]> =>
      (await kubectl('get', ...args))
        .trim()
        .split('\n')
        .map((line) => line.split(/ {2,}/));
    const clusters = await cells('sipc', 'shown');
    expect(clusters[0]).toEqual(['NAME', 'READY', 'PODS', 'DIALOGS', 'PHASE', 'AGE']);
    expect(clusters[1]?.slice(0, 5)).toEqual(['shown', '2', '3', '42', 'Ready']);
    const shards = await cells('dsh', 'shown');
    expect(shards[0]).toEqual(['NAME', 'OWNER', 'EPOCH', 'STANDBYS', 'DIALOGS', 'LAST MOVE', 'AGE']);
    expect(shards[1]?.slice(0, 6)).toEqual(['shown', 'c-0', '4', '["c-1"]', '9', 'PodDied']);
    expect((await cells('sipc', '-o', 'wide'))[0]).toEqual(
      expect.arrayContaining(['TAGS', 'ACCEPTED', 'PROTECTED', 'WHY']),
    );
    // The category has both kinds.
    expect(await kubectl('get', 'rehome')).toMatch(
      /sipcluster\S+\/shown[\s\S]*dialogshard\S+\/shown|dialogshard\S+\/shown[\s\S]*sipcluster\S+\/shown/,
    );
  },
  STEP_MS,
);

test(
  'kubectl explain reads like documentation',
  async () => {
    const text = (await kubectl('explain', 'sipcluster.spec.rehoming')).replaceAll(/\s+/g, ' ');
    expect(text).toContain('How calls are moved to another pod');
    expect(text).toContain('a re-INVITE with the last SDP, which every phone understands');
    expect(text).toContain('enum: Reinvite, Update, Auto');
    const all = await kubectl('explain', 'sipcluster', '--recursive');
    expect(all).toContain('suspectAfter\t<string>');
    expect((await kubectl('explain', 'dialogshard.status.epoch')).replaceAll(/\s+/g, ' ')).toContain(
      'only grows',
    );
  },
  STEP_MS,
);

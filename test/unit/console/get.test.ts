import { beforeEach, describe, expect, test } from '@jest/globals';
import { EVENTS, NODES, PODS } from '../../../src/kube/kinds.ts';
import { runDescribe } from '../../../src/console/commands/describe.ts';
import { runGet } from '../../../src/console/commands/get.ts';
import { ageText, durationText } from '../../../src/console/resources/age.ts';
import { TestCluster } from './cluster.ts';

const OBJECTS = `
apiVersion: v1
kind: Node
metadata: { name: node-0, labels: { topology.kubernetes.io/zone: a } }
spec: { unschedulable: true }
---
apiVersion: v1
kind: Pod
metadata: { name: edge-1 }
spec: { nodeName: node-0, containers: [{ name: proxy, image: x }] }
---
apiVersion: v1
kind: Pod
metadata: { name: edge-0, annotations: { why: because } }
spec: { nodeName: node-0, containers: [{ name: proxy, image: x }] }
---
apiVersion: v1
kind: Pod
metadata: { name: operator, namespace: rehome-system }
spec: { containers: [{ name: operator, image: x }] }
---
apiVersion: sip.rehome.dev/v1alpha1
kind: SipCluster
metadata: { name: edge }
spec:
  listeners: [{ name: public }]
  routes: [{ from: public, to: media, via: public }]
  targets: [{ name: media, addresses: ['10.0.0.1:5060'] }]
---
apiVersion: sip.rehome.dev/v1alpha1
kind: DialogShard
metadata: { name: edge-00 }
spec: { clusterRef: edge, tag: edge-00 }
---
apiVersion: events.k8s.io/v1
kind: Event
metadata: { name: late }
eventTime: '2026-01-01T11:59:50.000000Z'
type: Warning
reason: PodDied
note: it is gone
regarding: { apiVersion: v1, kind: Pod, name: edge-0, namespace: default, uid: uid-3 }
---
apiVersion: events.k8s.io/v1
kind: Event
metadata: { name: early }
eventTime: '2026-01-01T11:00:00.000000Z'
type: Normal
reason: PodCreated
note: 3 wanted
regarding: { apiVersion: v1, kind: Pod, name: edge-1, namespace: default, uid: uid-2 }
`;

let cluster: TestCluster;
beforeEach(async () => {
  cluster = new TestCluster();
  await cluster.apply(OBJECTS);
  const running = {
    name: 'proxy',
    ready: true,
    restartCount: 2,
    state: { running: { startedAt: '2026-01-01T11:59:00Z' } },
    lastState: { terminated: { exitCode: 1, reason: 'Error', finishedAt: '2026-01-01T11:58:00Z' } },
  };
  const pod = await cluster.api.get(PODS, { namespace: 'default', name: 'edge-0' });
  await cluster.setStatus(pod, { phase: 'Running', podIP: '127.0.9.11', containerStatuses: [running] });
  const other = await cluster.api.get(PODS, { namespace: 'default', name: 'edge-1' });
  const waiting = {
    ...running,
    ready: false,
    restartCount: 0,
    lastState: {},
    state: { waiting: { reason: 'CrashLoopBackOff' } },
  };
  await cluster.setStatus(other, { phase: 'Running', containerStatuses: [waiting] });
  const node = await cluster.api.get(NODES, { namespace: '', name: 'node-0' });
  await cluster.setStatus(node, { conditions: [{ type: 'Ready', status: 'True' }] });
  cluster.nowMs += 90_000;
});

describe('rehome get', () => {
  test('shows pods as kubectl does', async () => {
    expect(await cluster.run(runGet, 'pods')).toEqual({
      code: 0,
      stderr: '',
      stdout: [
        'NAME     READY   STATUS             RESTARTS        AGE',
        'edge-0   1/1     Running            2 (3m30s ago)   90s',
        'edge-1   0/1     CrashLoopBackOff   0               90s',
        '',
      ].join('\n'),
    });
  });

  test('shows more with -o wide, and other namespaces', async () => {
    const wide = await cluster.run(runGet, 'po', 'edge-0', '-o', 'wide');
    expect(wide.stdout).toMatch(/ IP +NODE\n.* 127\.0\.9\.11 +node-0\n$/);
    expect((await cluster.run(runGet, 'po', '-n', 'rehome-system')).stdout).toMatch(
      /^NAME.*\noperator .*\n$/,
    );
    expect((await cluster.run(runGet, 'po', '-A')).stdout).toMatch(/^NAMESPACE +NAME .*\ndefault +edge-0/);
  });

  test('shows what is cordoned', async () => {
    expect((await cluster.run(runGet, 'node')).stdout).toMatch(/node-0 +Ready,SchedulingDisabled +a +90s/);
  });

  test('shows when an Event was seen that Kubernetes wrote by the core API', async () => {
    await cluster.api.create(EVENTS, {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: 'old', namespace: 'default' },
      // Null, whatever the type says.
      ...{ eventTime: null as unknown as string, deprecatedLastTimestamp: '2026-01-01T11:59:00Z' },
      deprecatedCount: 7,
      ...{ type: 'Warning', reason: 'Unhealthy', action: '', note: 'probe failed' },
      ...{ reportingController: 'kubelet', reportingInstance: 'node-0' },
      regarding: { apiVersion: 'v1', kind: 'Pod', name: 'edge-1', namespace: 'default', uid: 'other' },
    });
    const { stdout } = await cluster.run(runGet, 'events', '-o', 'wide');
    const line = stdout.split('\n').find((each) => each.includes('Unhealthy'));
    expect(line?.split(/\s+/)).toEqual(expect.arrayContaining(['2m30s', 'Warning', 'Unhealthy', '7']));
  });

  test('shows Events by time', async () => {
    const { stdout } = await cluster.run(runGet, 'ev');
    expect(stdout.split('\n').slice(1, 3)).toEqual([
      '61m         Normal    PodCreated   pod/edge-1   3 wanted',
      '100s        Warning   PodDied      pod/edge-0   it is gone',
    ]);
  });

  test('shows a fleet and its tags, and how the last move went', async () => {
    await cluster.setStatus(
      {
        apiVersion: 'sip.rehome.dev/v1alpha1',
        kind: 'DialogShard',
        metadata: { name: 'edge-00', namespace: 'default' },
      },
      {
        phase: 'Active',
        owner: 'edge-2',
        epoch: 5,
        standbys: ['edge-0', 'edge-1'],
        standbysInSync: ['edge-0'],
        dialogs: 137,
        lastMove: {
          cause: 'PodDied',
          from: 'edge-1',
          to: 'edge-2',
          dialogs: 137,
          rehomed: 137,
          failed: 0,
          kept: 0,
          startedAt: '2026-01-01T12:01:00Z',
          durationMs: 412,
        },
      },
    );
    const { stdout } = await cluster.run(runGet, 'sipc,dsh');
    expect(stdout).toContain('sipcluster.sip.rehome.dev/edge           0/3');
    expect(stdout).toContain('Active   edge-2   5       edge-0,(edge-1)   137');
    expect(stdout).toContain('PodDied from edge-1, 137/137 home in 0.4s (30s ago)');
  });

  test('writes whole objects', async () => {
    const one = await cluster.run(runGet, 'pod/edge-0', '-o', 'json');
    expect(JSON.parse(one.stdout)).toMatchObject({ kind: 'Pod', metadata: { name: 'edge-0' } });
    const many = await cluster.run(runGet, 'pods', '-o', 'yaml');
    expect(many.stdout).toMatch(/^apiVersion: v1\nkind: List\nitems:\n/);
    expect((await cluster.run(runGet, 'sipc', '-o', 'name')).stdout).toBe('sipcluster.sip.rehome.dev/edge\n');
  });

  test('takes the names that it prints', async () => {
    const { stdout } = await cluster.run(runGet, 'pods,sipc', '-o', 'name');
    expect(stdout).toBe('pod/edge-0\npod/edge-1\nsipcluster.sip.rehome.dev/edge\n');
    const names = stdout.trim().split('\n');
    expect((await cluster.run(runGet, ...names, '-o', 'name')).stdout).toBe(stdout);
    expect((await cluster.run(runGet, ...names)).stdout).toContain('\npod/edge-1 ');
  });

  test('shows what is there, and says what is not', async () => {
    const { code, stdout, stderr } = await cluster.run(runGet, 'pods', 'edge-9', 'edge-0');
    expect(stdout).toMatch(/^NAME .*\nedge-0 .*\n$/);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'Error from server (NotFound): pods "edge-9" not found\n',
    });
  });

  test('says that there is nothing', async () => {
    expect(await cluster.run(runGet, 'secrets')).toEqual({
      code: 0,
      stdout: '',
      stderr: 'No resources found in default namespace.\n',
    });
    expect(await cluster.run(runGet, 'pod', 'edge-9')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'Error from server (NotFound): pods "edge-9" not found\n',
    });
  });

  test.each([
    [[], 'the kind of resource is missing'],
    [['podz'], 'there is no resource type "podz" (did you mean pods?); known are sipclusters (sipc),'],
    [['pods', '-o', 'xml'], '-o is wide, name, yaml, json, not xml'],
    [['pods,nodes', '-w'], '-w watches one kind or one object'],
    [['pods', '--frob'], "Unknown option '--frob'\n"],
  ])('refuses %j', async (argv, why) => {
    const { code, stderr } = await cluster.run(runGet, ...argv);
    expect(code).toBe(2);
    expect(stderr).toContain(why);
    expect(stderr).toContain('rehome get KIND');
  });

  test('with -w prints every change until it is interrupted', async () => {
    const running = cluster.run(runGet, 'pods', '-w', '-o', 'name');
    await new Promise((resolve) => setImmediate(resolve));
    await cluster.apply(
      '{ apiVersion: v1, kind: Pod, metadata: { name: edge-2 }, spec: { containers: [] } }',
    );
    await cluster.api.delete(PODS, { namespace: 'default', name: 'edge-2' });
    await new Promise((resolve) => setImmediate(resolve));
    cluster.interrupt();
    expect((await running).stdout.split('\n')).toEqual([
      'pod/edge-0',
      'pod/edge-1',
      'pod/edge-2',
      'pod/edge-2',
      '',
    ]);
  });
});

describe('rehome describe', () => {
  test('shows an object with its Events', async () => {
    const { stdout, code } = await cluster.run(runDescribe, 'pod', 'edge-0');
    expect(code).toBe(0);
    expect(stdout).toContain('Annotations:  why=because\n');
    expect(stdout).toMatch(/Status:\n {2}phase: Running\n/);
    expect(stdout).toMatch(/Events:\n {2}TYPE .*\n {2}Warning {2}PodDied {2}100s {2}it is gone\n$/);
  });
});

describe('ages', () => {
  test.each([
    [59_999, '59s'],
    [119_000, '119s'],
    [150_000, '2m30s'],
    [180_000, '3m'],
    [3_600_000, '60m'],
    [4 * 3_600_000 + 60_000, '4h1m'],
    [30 * 3_600_000, '30h'],
    [50 * 3_600_000, '2d2h'],
    [9 * 24 * 3_600_000, '9d'],
    [-5, '0s'],
  ])('%i ms are %s', (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });

  test('are unknown without a time', () => {
    expect(ageText(undefined, 0)).toBe('<unknown>');
  });
});

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { EVENTS, PODS } from '../../../src/kube/kinds.ts';
import type { Pod } from '../../../src/kube/objects.ts';
import { DemoCluster } from '../../../src/local/demo-cluster.ts';
import { startTimeOf } from '../../../src/local/kubelet/orphan-guard.ts';
import { until } from '../../../src/local/until.ts';
import { testNetwork } from '../../e2e/network.ts';

const WAIT_MS = 20_000;
const TEST_MS = 60_000;

/** A proxy that makes up a cluster of its own, and a pod that ends at once. */
const MANIFEST = `
apiVersion: v1
kind: ConfigMap
metadata: { name: lone }
data:
  config.yaml: |
    cluster: lone
    pod: lone
    dataDir: /var/lib/rehome
    roster: { number: 1, members: [{ pod: lone, mesh: '$(POD_IP):7946' }] }
    shards: 2
    mesh: { keyFile: /etc/rehome/keys/mesh }
    listeners: [{ name: public, bind: $(POD_IP), port: 5060, transports: [UDP] }]
    routes: [{ from: public, to: callees, via: public }]
    targets: [{ name: callees, addresses: ['127.0.0.9:5060'] }]
    http: { bind: '$(POD_IP):9090' }
---
apiVersion: v1
kind: Secret
metadata: { name: lone }
data: { mesh: ${Buffer.from('first a-secret-of-sixteen-letters\n').toString('base64')} }
---
apiVersion: v1
kind: Pod
metadata: { name: lone, labels: { sip.rehome.dev/cluster: lone } }
spec:
  terminationGracePeriodSeconds: 20
  containers:
    - name: proxy
      image: rehome
      command: [rehome, proxy, --config, /etc/rehome/config.yaml]
      env: [{ name: POD_IP, valueFrom: { fieldRef: { fieldPath: status.podIP } } }]
      ports: [{ name: http, containerPort: 9090 }]
      readinessProbe: { httpGet: { path: /readyz, port: http }, periodSeconds: 1 }
      volumeMounts:
        - { name: config, mountPath: /etc/rehome }
        - { name: keys, mountPath: /etc/rehome/keys }
        - { name: data, mountPath: /var/lib/rehome }
  volumes:
    - { name: config, configMap: { name: lone } }
    - { name: keys, secret: { secretName: lone } }
    - { name: data, emptyDir: {} }
---
apiVersion: v1
kind: Pod
metadata: { name: once }
spec:
  restartPolicy: Never
  containers: [{ name: version, image: rehome, command: [rehome, --version] }]
`;

let cluster: DemoCluster;
beforeAll(async () => {
  cluster = await DemoCluster.start({ network: await testNetwork(), manifest: MANIFEST, nodes: 2 });
}, TEST_MS);
afterAll(async () => {
  await cluster.stop();
}, TEST_MS);

async function pod(name: string): Promise<Pod | undefined> {
  return (await cluster.pods()).find(({ metadata }) => metadata.name === name);
}

function isReady(found: Pod | undefined): boolean {
  return (
    found?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false
  );
}

async function reasons(name: string): Promise<string[]> {
  const events = await cluster.list(EVENTS);
  return events.filter(({ regarding }) => regarding.name === name).map(({ reason }) => reason);
}

/** Lines of the list of processes that were started, those that still run. */
function running(): string[] {
  const list = readFileSync(join(cluster.folder, 'local', 'processes'), 'utf8')
    .trim()
    .split('\n');
  return list.filter((line) => startTimeOf(Number(line.split(' ')[0])) === line.split(' ')[1]);
}

describe('rehome local', () => {
  test(
    'runs a proxy as a pod, ready at an address of its own, with its volumes',
    async () => {
      await until(async () => isReady(await pod('lone')), WAIT_MS, 'the proxy to be ready');
      const { status, spec } = (await pod('lone')) ?? {};
      expect(status).toMatchObject({
        phase: 'Running',
        podIP: `127.0.${cluster.network}.${status?.podIP?.split('.')[3] ?? ''}`,
      });
      expect(['node-0', 'node-1']).toContain(spec?.nodeName);
      expect(await cluster.must('status')).toMatch(/^lone +proxy +yes /m);
      expect(await cluster.must('calls')).toBe('lone: 0 calls\n');
      expect(await cluster.must('logs', 'lone')).toContain('"message":"started"');
      expect(await reasons('lone')).toEqual(expect.arrayContaining(['Scheduled', 'Started']));
    },
    TEST_MS,
  );

  test(
    'runs an operator as a pod, and another when it is deleted',
    async () => {
      const operators = (): Promise<Pod[]> => cluster.list(PODS, 'rehome-system');
      await until(async () => isReady((await operators())[0]), WAIT_MS, 'the operator to be ready');
      await cluster.must('delete', 'pod', 'rehome-operator-0', '-n', 'rehome-system', '--now');
      await until(
        async () =>
          (await operators()).some((each) => each.metadata.name === 'rehome-operator-1' && isReady(each)),
        WAIT_MS,
        'the next operator to be ready',
      );
      expect((await operators()).map(({ metadata }) => metadata.name)).toEqual(['rehome-operator-1']);
    },
    TEST_MS,
  );

  test(
    'leaves a pod alone that has ended and is not to be restarted',
    async () => {
      await until(async () => (await pod('once'))?.status?.phase === 'Succeeded', WAIT_MS, 'the pod to end');
      expect(await cluster.must('logs', 'once')).toMatch(/^\d+\.\d+\.\d+\n$/);
      expect(await cluster.must('delete', 'pod', 'once')).toBe('pod "once" deleted\n');
    },
    TEST_MS,
  );

  test(
    'starts a killed process again, in the same pod at the same address',
    async () => {
      await until(async () => isReady(await pod('lone')), WAIT_MS, 'the proxy to be ready');
      const before = await pod('lone');
      expect(await cluster.must('kill', 'lone')).toMatch(/^pod\/lone killed \(process \d+\)\n$/);
      await until(
        async () => (await pod('lone'))?.status?.containerStatuses?.[0]?.restartCount === 1,
        WAIT_MS,
        'the restart',
      );
      await until(async () => isReady(await pod('lone')), WAIT_MS, 'the proxy to be ready again');
      const after = await pod('lone');
      expect(after?.metadata.uid).toBe(before?.metadata.uid);
      expect(after?.status?.podIP).toBe(before?.status?.podIP);
      expect(after?.status?.containerStatuses?.[0]?.lastState?.terminated).toMatchObject({
        exitCode: 137,
        signal: 9,
      });
    },
    TEST_MS,
  );

  test(
    'makes a pod that hangs unready, and ready when it goes on',
    async () => {
      await cluster.must('pause', 'lone');
      await until(async () => !isReady(await pod('lone')), WAIT_MS, 'the proxy to be unready');
      await cluster.must('resume', 'lone');
      await until(async () => isReady(await pod('lone')), WAIT_MS, 'the proxy to be ready again');
      expect((await pod('lone'))?.status?.containerStatuses?.[0]?.restartCount).toBe(1);
    },
    TEST_MS,
  );

  test(
    'drains a node: the proxy gets SIGTERM and ends by itself',
    async () => {
      const node = (await pod('lone'))?.spec.nodeName ?? '';
      const drained = await cluster.must('drain', node);
      expect(drained).toContain(`node/${node} cordoned\n`);
      expect(drained).toContain('pod/lone evicted\n');
      expect(drained).toMatch(new RegExp(`node/${node} drained\n$`));
      expect(await pod('lone')).toBeUndefined();
      expect(await cluster.must('get', 'nodes')).toMatch(new RegExp(`${node} +Ready,SchedulingDisabled`));
      expect(await cluster.must('uncordon', node)).toBe(`node/${node} uncordoned\n`);
    },
    TEST_MS,
  );

  test(
    'is the only one of its folder',
    async () => {
      const second = await cluster.run('local', '--network', String(cluster.network));
      expect(second).toMatchObject({ code: 1, stdout: '' });
      expect(second.stderr).toMatch(/^rehome local: one runs already \(process \d+\)/);
    },
    TEST_MS,
  );

  test(
    'takes its pods along when it is killed by force, and is not found any more',
    async () => {
      await cluster.must('apply', '-f', cluster.file('again.yaml', MANIFEST));
      await until(async () => isReady(await pod('lone')), WAIT_MS, 'the proxy to be ready');
      expect(running().length).toBeGreaterThan(1);
      const watching = cluster.run('get', 'pods', '-w');
      process.kill(cluster.pid ?? 0, 'SIGKILL');
      await until(() => running().length === 0, WAIT_MS, 'all pods to be gone');
      expect((await watching).code).toBe(1);
      const { code, stderr } = await cluster.run('get', 'pods');
      expect(code).toBe(1);
      expect(stderr).toMatch(/^error: no cluster: none is running here/);
      expect(existsSync(join(cluster.folder, 'local', 'state.json'))).toBe(true);
    },
    TEST_MS,
  );
});

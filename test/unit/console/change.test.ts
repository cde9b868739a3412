import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { runAnnotate } from '../../../src/console/commands/annotate.ts';
import { runApply } from '../../../src/console/commands/apply.ts';
import { runCordon, runUncordon } from '../../../src/console/commands/cordon.ts';
import { runDelete } from '../../../src/console/commands/delete.ts';
import { runDrain } from '../../../src/console/commands/drain.ts';
import { runMove } from '../../../src/console/commands/move.ts';
import { runScale } from '../../../src/console/commands/scale.ts';
import { runKill, runPause } from '../../../src/console/commands/signal.ts';
import { DIALOG_SHARDS, NODES, PODS, POD_DISRUPTION_BUDGETS, SIP_CLUSTERS } from '../../../src/kube/kinds.ts';
import { TestCluster } from './cluster.ts';

const OBJECTS = `
{ apiVersion: v1, kind: Node, metadata: { name: node-0 }, spec: {} }
---
apiVersion: v1
kind: Pod
metadata: { name: edge-0, labels: { sip.rehome.dev/pod: edge-0 } }
spec: { nodeName: node-0, containers: [{ name: proxy, image: x }] }
---
{ apiVersion: sip.rehome.dev/v1alpha1, kind: SipCluster, metadata: { name: edge }, spec: { replicas: 3 } }
---
{ apiVersion: sip.rehome.dev/v1alpha1, kind: DialogShard, metadata: { name: edge-00 }, spec: { clusterRef: edge } }
`;
const POD = { namespace: 'default', name: 'edge-0' };
const DAEMON_SET = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'net', uid: 'net', controller: true };
const CORDON = 'sip.rehome.dev/cordon';

let cluster: TestCluster;
let dir = '';
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'rehome-test-'));
  cluster = new TestCluster();
  await cluster.apply(OBJECTS);
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

function write(text: string): string {
  const file = join(dir, 'file.yaml');
  writeFileSync(file, text);
  return file;
}

/** A list of ten aliases of another one. */
function lists(name: string, of: string): string {
  return `${name}: &${name} [${Array(10).fill(`*${of}`).join(', ')}]\n`;
}

/** What a kubelet does to a pod that is being deleted. */
async function endPods(): Promise<void> {
  const { items } = await cluster.api.list(PODS, {});
  for (const { metadata } of items.filter((pod) => pod.metadata.deletionTimestamp !== undefined))
    await cluster.api.delete(PODS, { namespace: 'default', name: metadata.name }, { gracePeriodSeconds: 0 });
}

async function annotations(): Promise<Record<string, string> | undefined> {
  return (await cluster.api.get(PODS, POD)).metadata.annotations;
}

describe('rehome apply', () => {
  const file = (replicas: number): string =>
    write(`
apiVersion: sip.rehome.dev/v1alpha1
kind: SipCluster
metadata: { name: core }
spec: { replicas: ${replicas} }
`);

  test('says what it did', async () => {
    expect((await cluster.run(runApply, '-f', file(1))).stdout).toBe(
      'sipcluster.sip.rehome.dev/core created\n',
    );
    expect((await cluster.run(runApply, '-f', file(1))).stdout).toBe(
      'sipcluster.sip.rehome.dev/core unchanged\n',
    );
    expect((await cluster.run(runApply, '-f', file(2))).stdout).toBe(
      'sipcluster.sip.rehome.dev/core configured\n',
    );
  });

  test('goes on behind an object that it does not know, and ends with 1', async () => {
    const known = '{ apiVersion: v1, kind: ConfigMap, metadata: { name: a } }';
    const ran = await cluster.run(
      runApply,
      '-f',
      write(`{ apiVersion: v9, kind: Pod, metadata: { name: a } }\n---\n${known}`),
    );
    expect(ran).toEqual({
      code: 1,
      stdout: 'configmap/a created\n',
      stderr: 'error: no matches for kind "Pod" in version "v9"\n',
    });
  });

  test.each([
    ['{ apiVersion: v1, kind: Pod }', /file\.yaml: metadata\.name is missing/],
    ['a: [', /file\.yaml: /],
  ])('refuses %s', async (text, why) => {
    const ran = await cluster.run(runApply, '-f', write(text));
    expect(ran.code).toBe(1);
    expect(ran.stderr).toMatch(why);
  });

  test.each([
    ['', 'no objects passed to apply'],
    ['{ apiVersion: v1, kind: List, items: [null] }', 'apiVersion is missing'],
    ['[]', 'apiVersion is missing'],
    ['a: *nowhere', 'nowhere'],
    [`a: &a [x, x]\n${lists('b', 'a')}${lists('c', 'b')}${lists('d', 'c')}`, 'alias'],
  ])('needs objects: %j', async (text, why) => {
    const { code, stderr } = await cluster.run(runApply, '-f', write(text));
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: .*\n$/);
    expect(stderr).toContain(why);
  });

  test('needs a file that is there', async () => {
    expect((await cluster.run(runApply)).code).toBe(2);
    expect((await cluster.run(runApply, '-f', join(dir, 'none.yaml'))).stderr).toMatch(/^error: .*ENOENT/);
  });
});

describe('rehome delete', () => {
  test('waits until a pod is gone', async () => {
    cluster.onPause = endPods;
    const ran = await cluster.run(runDelete, 'pod', 'edge-0');
    expect(ran).toEqual({ code: 0, stdout: 'pod "edge-0" deleted\n', stderr: '' });
    await expect(cluster.api.get(PODS, POD)).rejects.toMatchObject({ reason: 'NotFound' });
  });

  test('gives a pod the time that is asked for', async () => {
    await cluster.run(runDelete, 'pod', 'edge-0', '--now', '--wait=false');
    expect((await cluster.api.get(PODS, POD)).metadata.deletionGracePeriodSeconds).toBe(1);
    const forced = await cluster.run(runDelete, 'pod/edge-0', '--force', '--grace-period', '0');
    expect(forced.stdout).toBe('pod "edge-0" force deleted\n');
  });

  test('deletes what a file describes', async () => {
    const ran = await cluster.run(runDelete, '-f', write(OBJECTS.split('---')[2] ?? ''));
    expect(ran.stdout).toBe('sipcluster.sip.rehome.dev "edge" deleted\n');
    await expect(cluster.api.get(SIP_CLUSTERS, { ...POD, name: 'edge' })).rejects.toMatchObject({
      reason: 'NotFound',
    });
  });

  test.each([
    [['pods'], 'NAME is missing'],
    [['pod', 'edge-0', '--grace-period', '0'], 'say --force'],
    [['pod', 'edge-0', '--grace-period', 'x'], 'is a number of seconds'],
  ])('refuses %j', async (argv, why) => {
    const ran = await cluster.run(runDelete, ...argv);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain(why);
  });

  test('ends with 1 if there is none', async () => {
    const ran = await cluster.run(runDelete, 'pod', 'edge-9');
    expect(ran).toEqual({
      code: 1,
      stdout: '',
      stderr: 'Error from server (NotFound): pods "edge-9" not found\n',
    });
  });
});

describe('rehome cordon', () => {
  test('of a node, and back', async () => {
    expect((await cluster.run(runCordon, 'node-0')).stdout).toBe('node/node-0 cordoned\n');
    expect((await cluster.api.get(NODES, { namespace: '', name: 'node-0' })).spec.unschedulable).toBe(true);
    expect((await cluster.run(runCordon, 'node/node-0')).stdout).toBe('node/node-0 already cordoned\n');
    expect((await cluster.run(runUncordon, 'node-0')).stdout).toBe('node/node-0 uncordoned\n');
    expect(
      (await cluster.api.get(NODES, { namespace: '', name: 'node-0' })).spec.unschedulable,
    ).toBeUndefined();
  });

  test('of a pod, and back', async () => {
    expect((await cluster.run(runCordon, 'edge-0', '--reason', 'disk is odd')).stdout).toBe(
      'pod/edge-0 cordoned\n',
    );
    expect(await annotations()).toEqual({ [CORDON]: 'disk is odd' });
    expect((await cluster.run(runCordon, 'pod', 'edge-0')).stdout).toBe('pod/edge-0 already cordoned\n');
    expect((await cluster.run(runUncordon, 'pod/edge-0')).stdout).toBe('pod/edge-0 uncordoned\n');
    expect((await annotations())?.[CORDON]).toBeUndefined();
  });

  test('of what is neither', async () => {
    const ran = await cluster.run(runCordon, 'nobody');
    expect(ran).toMatchObject({
      code: 1,
      stderr: 'Error from server (NotFound): there is no node and no pod "nobody"\n',
    });
    expect((await cluster.run(runCordon, 'sipc/edge')).code).toBe(2);
  });
});

describe('rehome drain', () => {
  const budget = (minAvailable: number): string =>
    JSON.stringify({
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'edge-0' },
      spec: { minAvailable, selector: { matchLabels: { 'sip.rehome.dev/pod': 'edge-0' } } },
    });

  test('cordons, evicts and waits', async () => {
    cluster.onPause = endPods;
    expect(await cluster.run(runDrain, 'node-0', '--ignore-daemonsets', '--delete-emptydir-data')).toEqual({
      code: 0,
      stdout: 'node/node-0 cordoned\nevicting pod default/edge-0\npod/edge-0 evicted\nnode/node-0 drained\n',
      stderr: '',
    });
  });

  test('leaves what a node always has', async () => {
    await cluster.apply(`
apiVersion: v1
kind: Pod
metadata: { name: manifest, namespace: kube-system, annotations: { kubernetes.io/config.mirror: abc } }
spec: { nodeName: node-0, containers: [{ name: a, image: x }] }
`);
    await cluster.api.create(PODS, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'net-1', namespace: 'default', ownerReferences: [DAEMON_SET] },
      spec: { nodeName: 'node-0', containers: [{ name: 'net', image: 'x' }] },
    });
    cluster.onPause = endPods;
    const ran = await cluster.run(runDrain, 'node-0');
    expect(ran).toMatchObject({ code: 0, stdout: expect.not.stringMatching(/manifest|net-1/) as unknown });
    expect(ran.stderr).toBe('ignoring pods that a node always has: default/net-1, kube-system/manifest\n');
  });

  test('tries again every 5 s while a budget forbids it', async () => {
    const ready = { conditions: [{ type: 'Ready', status: 'True' }], phase: 'Running' };
    await cluster.setStatus(await cluster.api.get(PODS, POD), ready);
    await cluster.apply(budget(1));
    const begunMs = cluster.nowMs;
    cluster.onPause = async () => {
      if (cluster.nowMs - begunMs === 10_000) await cluster.api.delete(POD_DISRUPTION_BUDGETS, POD);
      await endPods();
    };
    const ran = await cluster.run(runDrain, 'node-0');
    expect(ran.code).toBe(0);
    expect(ran.stdout.match(/evicting/g)).toHaveLength(3);
    expect(ran.stderr.split('\n')[0]).toMatch(
      /^error when evicting pods\/"edge-0" -n "default" \(will retry after 5s\): Cannot evict pod as it would violate/,
    );
  });

  test('gives up when its time is over', async () => {
    const ran = await cluster.run(runDrain, 'node-0', '--timeout', '3s');
    expect(ran.code).toBe(1);
    expect(ran.stderr).toBe('error: unable to drain node "node-0": not gone: edge-0\n');
  });
});

describe('other commands', () => {
  test('scale', async () => {
    const ran = await cluster.run(runScale, 'sipcluster/edge', '--replicas', '5');
    expect(ran.stdout).toBe('sipcluster.sip.rehome.dev/edge scaled\n');
    expect((await cluster.api.get(SIP_CLUSTERS, { ...POD, name: 'edge' })).spec).toEqual({ replicas: 5 });
    expect((await cluster.run(runScale, 'sipcluster/edge')).code).toBe(2);
    expect((await cluster.run(runScale, 'pod/edge-0', '--replicas', '2')).code).toBe(2);
  });

  test('annotate', async () => {
    await cluster.run(runAnnotate, 'pod', 'edge-0', 'a/b=c=d', 'e=f');
    expect(await annotations()).toEqual({ 'a/b': 'c=d', e: 'f' });
    await cluster.run(runAnnotate, 'pod/edge-0', 'a/b-', 'none-');
    expect(await annotations()).toEqual({ e: 'f' });
    expect((await cluster.run(runAnnotate, 'pod', 'edge-0')).code).toBe(2);
  });

  test('move', async () => {
    const ran = await cluster.run(runMove, 'edge-00', 'pod/edge-0');
    expect(ran.code).toBe(0);
    const shard = await cluster.api.get(DIALOG_SHARDS, { ...POD, name: 'edge-00' });
    expect(shard.metadata.annotations).toEqual({ 'sip.rehome.dev/move-to': 'edge-0' });
    expect((await cluster.run(runMove, 'edge-00', 'edge-9')).stderr).toContain('pods "edge-9" not found');
  });

  test('kill and pause', async () => {
    expect((await cluster.run(runKill, 'edge-0')).stdout).toBe('pod/edge-0 killed (process 4711)\n');
    expect((await cluster.run(runPause, 'pod/edge-0')).stdout).toBe('pod/edge-0 paused (process 4711)\n');
    expect(cluster.signals.map(({ signal }) => signal)).toEqual(['SIGKILL', 'SIGSTOP']);
    expect((await cluster.run(runKill, 'idle')).stderr).toContain('has no process');
  });
});

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { CONFIG_MAPS, PODS, SECRETS } from '../../../../src/kube/kinds.ts';
import type { Container } from '../../../../src/kube/objects.ts';
import { KubeletWorld } from './world.ts';

const REF = { namespace: 'default', name: 'edge-0' };
const PLAIN: Container = { name: 'proxy', image: 'rehome', command: ['rehome', 'proxy'] };
const PROBED: Container = {
  ...PLAIN,
  readinessProbe: { httpGet: { path: '/readyz', port: 9090 }, periodSeconds: 2, failureThreshold: 3 },
};

let world: KubeletWorld;
beforeEach(() => {
  world = new KubeletWorld();
});
afterEach(() => {
  world.close();
});

async function condition(type: string): Promise<unknown> {
  return (await world.status()).conditions?.find((each) => each.type === type);
}

describe('a pod that is bound to a node', () => {
  test('runs as a process at an address of its own', async () => {
    await world.create();
    expect(await world.status()).toMatchObject({
      phase: 'Running',
      podIP: '127.0.77.11',
      hostIP: '127.0.77.201',
      containerStatuses: [{ name: 'proxy', ready: true, restartCount: 0, started: true }],
    });
    await world.create({}, 'edge-1');
    expect((await world.pod('edge-1')).status?.podIP).toBe('127.0.77.12');
  });

  test("has its node's address if it asks for that", async () => {
    await world.create({ hostNetwork: true });
    expect(await world.status()).toMatchObject({ podIP: '127.0.77.201', hostIP: '127.0.77.201' });
  });

  test('of another node is left alone', async () => {
    await world.create({ nodeName: 'node-9' });
    expect(world.runner.processes).toHaveLength(0);
  });

  test('is told who it is', async () => {
    const field = (name: string, fieldPath: string): object => ({
      name,
      valueFrom: { fieldRef: { fieldPath } },
    });
    const env = [
      field('POD_IP', 'status.podIP'),
      field('POD_NAME', 'metadata.name'),
      field('POD_UID', 'metadata.uid'),
      field('NODE_NAME', 'spec.nodeName'),
      field('HOST_IP', 'status.hostIP'),
      { name: 'BOTH', value: '$(POD_NAME) at $(POD_IP), $(NOTHING), $$(POD_IP)' },
    ] as NonNullable<Container['env']>;
    await world.create({ containers: [{ ...PLAIN, env, args: ['--name', '$(POD_NAME)'] }] });
    expect(world.process.start).toMatchObject({
      argv: ['proxy', '--name', 'edge-0'],
      env: {
        POD_IP: '127.0.77.11',
        POD_NAME: 'edge-0',
        POD_UID: 'uid-1',
        NODE_NAME: 'node-0',
        HOST_IP: '127.0.77.201',
        BOTH: 'edge-0 at 127.0.77.11, $(NOTHING), $(POD_IP)',
      },
    });
  });

  test.each([
    ['another program', [{ ...PLAIN, command: ['nginx'] }], 'not the command nginx'],
    ['the command of an image', [{ name: 'proxy', image: 'rehome' }], 'not the command of an image'],
    ['two containers', [PLAIN, { ...PLAIN, name: 'other' }], 'this one has 2'],
  ])('with %s is refused, and its status says why', async (_what, containers, why) => {
    await world.create({ containers });
    const { phase, containerStatuses } = await world.status();
    expect(phase).toBe('Pending');
    expect(containerStatuses?.[0]?.state.waiting).toMatchObject({
      reason: 'CreateContainerConfigError',
      message: expect.stringContaining(why) as unknown,
    });
    expect(world.runner.processes).toHaveLength(0);
  });
});

describe('readiness', () => {
  test('follows the probe, and a few bad answers in a row are needed to lose it', async () => {
    world.answersProbe = false;
    await world.create({ containers: [PROBED] });
    await world.pass(10_000);
    expect(await condition('Ready')).toMatchObject({ status: 'False', reason: 'ContainersNotReady' });
    world.answersProbe = true;
    await world.pass(2_000);
    const since = { status: 'True', lastTransitionTime: '2026-01-01T00:00:12.000Z' };
    expect(await condition('Ready')).toMatchObject(since);
    world.answersProbe = false;
    await world.pass(4_000);
    expect(await condition('Ready')).toMatchObject(since);
    await world.pass(2_000);
    expect(await condition('Ready')).toMatchObject({
      status: 'False',
      lastTransitionTime: '2026-01-01T00:00:18.000Z',
    });
    expect(world.said.map(({ reason }) => reason)).toContain('Unhealthy');
  });
});

describe('a process that no longer answers its liveness probe', () => {
  const probe = { httpGet: { path: '/livez', port: 9090 }, periodSeconds: 10, failureThreshold: 3 };

  test('is asked to end, killed when its grace is over, and started again', async () => {
    await world.create({
      containers: [{ ...PLAIN, livenessProbe: probe }],
      terminationGracePeriodSeconds: 5,
    });
    await world.pass(60_000);
    const { process } = world;
    world.deaf.add('/livez');
    await world.pass(29_999);
    expect(process.signals).toEqual([]);
    await world.pass(1);
    expect(process.signals).toEqual(['SIGTERM']);
    expect(world.said.at(-1)?.note).toBe('Container proxy failed liveness probe, will be restarted');
    await world.pass(5_000);
    expect(process.signals).toEqual(['SIGTERM', 'SIGKILL']);
    expect(world.runner.processes).toHaveLength(2);
    expect((await world.status()).containerStatuses?.[0]?.restartCount).toBe(1);
  });

  test('is asked that only once its startup probe has found it', async () => {
    world.deaf.add('/startz').add('/livez');
    const startupProbe = { httpGet: { path: '/startz', port: 9090 }, failureThreshold: 60 };
    await world.create({
      containers: [{ ...PLAIN, livenessProbe: probe, startupProbe }],
      terminationGracePeriodSeconds: 5,
    });
    await world.pass(50_000);
    expect(world.process.signals).toEqual([]);
    expect(await condition('Ready')).toMatchObject({ status: 'False' });
    world.deaf.delete('/startz');
    await world.pass(1_000);
    expect(await condition('Ready')).toMatchObject({ status: 'True' });
    await world.pass(20_000);
    expect(world.process.signals).toEqual(['SIGTERM']);
  });

  test('nor its startup probe, is started again', async () => {
    world.deaf.add('/startz');
    const startupProbe = { httpGet: { path: '/startz', port: 9090 }, failureThreshold: 5 };
    await world.create({ containers: [{ ...PLAIN, startupProbe }] });
    await world.pass(3_999);
    expect(world.process.signals).toEqual([]);
    await world.pass(1);
    expect(world.process.signals).toEqual(['SIGTERM']);
  });
});

describe('a process that ends', () => {
  test('is started again at once, then with a back-off that doubles up to five minutes', async () => {
    await world.create();
    world.process.end(1);
    await world.pass(0);
    expect(world.runner.processes).toHaveLength(2);
    expect((await world.status()).containerStatuses?.[0]).toMatchObject({
      restartCount: 1,
      lastState: { terminated: { exitCode: 1, reason: 'Error' } },
    });
    for (const seconds of [10, 20, 40, 80, 160, 300, 300]) {
      const before = world.runner.processes.length;
      world.process.end(1);
      await world.pass(seconds * 1000 - 1);
      expect(world.runner.processes).toHaveLength(before);
      expect((await world.status()).containerStatuses?.[0]?.state.waiting).toMatchObject({
        reason: 'CrashLoopBackOff',
        message: expect.stringContaining(`back-off ${seconds}s`) as unknown,
      });
      await world.pass(1);
      expect(world.runner.processes).toHaveLength(before + 1);
    }
  });

  test('after ten good minutes is trusted again', async () => {
    await world.create();
    world.process.end(1);
    await world.pass(600_000);
    world.process.end(1);
    await world.pass(0);
    expect(world.runner.processes).toHaveLength(3);
  });

  test.each([
    ['Never', 0, 'Succeeded', 'Completed'],
    ['Never', 3, 'Failed', 'Error'],
    ['OnFailure', 0, 'Succeeded', 'Completed'],
  ] as const)(
    'with restartPolicy %s and exit code %i leaves the pod %s',
    async (restartPolicy, code, phase, reason) => {
      await world.create({ restartPolicy });
      world.process.end(code);
      await world.pass(1_000_000);
      expect(world.runner.processes).toHaveLength(1);
      expect(await world.status()).toMatchObject({
        phase,
        containerStatuses: [{ ready: false, state: { terminated: { exitCode: code, reason } } }],
      });
    },
  );

  test('says which signal ended it', async () => {
    await world.create({ restartPolicy: 'Never' });
    world.kubelet.signal('uid-1', 'SIGKILL');
    await world.settle();
    const [container] = (await world.status()).containerStatuses ?? [];
    expect(container?.state.terminated).toMatchObject({ exitCode: 137, signal: 9 });
  });
});

describe('a pod that is deleted', () => {
  test('gets SIGTERM, then SIGKILL when its grace is over, and goes when the process has ended', async () => {
    await world.create();
    await world.api.delete(PODS, REF, { gracePeriodSeconds: 5 });
    await world.pass(4_999);
    expect(world.process.signals).toEqual(['SIGTERM']);
    await expect(world.pod()).resolves.toBeDefined();
    await world.pass(1);
    expect(world.process.signals).toEqual(['SIGTERM', 'SIGKILL']);
    await expect(world.pod()).rejects.toMatchObject({ reason: 'NotFound' });
    expect(world.kubelet.size).toBe(0);
  });

  test('goes as soon as its process ends by itself, and is not started again', async () => {
    await world.create();
    await world.api.delete(PODS, REF);
    await world.settle();
    world.process.end(0);
    await world.pass(100_000);
    await expect(world.pod()).rejects.toMatchObject({ reason: 'NotFound' });
    expect(world.process.signals).toEqual(['SIGTERM']);
    expect(world.runner.processes).toHaveLength(1);
  });

  test('goes in the end though the API does not answer when its process has ended', async () => {
    await world.create();
    await world.api.delete(PODS, REF);
    await world.settle();
    world.api.failingDeletes = 2;
    world.process.end(0);
    await world.pass(1_000);
    await expect(world.pod()).resolves.toBeDefined();
    await world.pass(1_000);
    await expect(world.pod()).rejects.toMatchObject({ reason: 'NotFound' });
    expect(world.kubelet.size).toBe(0);
  });

  test('may be given less time by a second delete', async () => {
    await world.create();
    await world.api.delete(PODS, REF, { gracePeriodSeconds: 100 });
    await world.pass(1_000);
    await world.api.delete(PODS, REF, { gracePeriodSeconds: 2 });
    await world.pass(2_000);
    expect(world.process.signals).toEqual(['SIGTERM', 'SIGKILL']);
  });

  test('by force is killed at once', async () => {
    await world.create();
    await world.api.delete(PODS, REF, { gracePeriodSeconds: 0 });
    await world.settle();
    expect(world.process.signals).toEqual(['SIGKILL']);
    expect(world.kubelet.size).toBe(0);
  });

  test('while it waits for a restart goes at once', async () => {
    await world.create();
    world.process.end(1);
    await world.pass(0);
    world.process.end(1);
    await world.pass(1_000);
    await world.api.delete(PODS, REF);
    await world.pass(60_000);
    await expect(world.pod()).rejects.toMatchObject({ reason: 'NotFound' });
    expect(world.runner.processes).toHaveLength(2);
  });

  test('leaves its address to others, as late as can be', async () => {
    await world.create();
    await world.api.delete(PODS, REF, { gracePeriodSeconds: 0 });
    await world.create({}, 'edge-1');
    expect((await world.pod('edge-1')).status?.podIP).toBe('127.0.77.12');
  });
});

describe('volumes', () => {
  const container: Container = {
    ...PLAIN,
    args: ['--config', '/etc/rehome/config.yaml'],
    volumeMounts: [
      { name: 'config', mountPath: '/etc/rehome' },
      { name: 'keys', mountPath: '/etc/rehome/keys' },
      { name: 'data', mountPath: '/var/lib/rehome' },
    ],
  };
  const volumes = [
    { name: 'config', configMap: { name: 'edge' } },
    { name: 'keys', secret: { secretName: 'edge' } },
    { name: 'data', emptyDir: {} },
  ];

  test('are written below the state folder, and the config names the folders that they are in', async () => {
    const metadata = { name: 'edge', namespace: 'default' };
    const text = 'dataDir: /var/lib/rehome\nkeyFile: /etc/rehome/keys/mesh\nother: /var/lib/rehome2\n';
    await world.api.create(CONFIG_MAPS, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata,
      data: { 'config.yaml': text },
    });
    const mesh = Buffer.from('one secret').toString('base64');
    await world.api.create(SECRETS, { apiVersion: 'v1', kind: 'Secret', metadata, data: { mesh } });
    await world.create({ containers: [container], volumes });
    const folder = join(world.folder, 'uid-3', 'volumes');
    const config = join(folder, 'config', 'config.yaml');
    expect(world.process.start.argv).toEqual(['proxy', '--config', config]);
    expect(readFileSync(config, 'utf8')).toBe(
      `dataDir: ${folder}/data\nkeyFile: ${folder}/keys/mesh\nother: /var/lib/rehome2\n`,
    );
    expect(readFileSync(join(folder, 'keys', 'mesh'), 'utf8')).toBe('one secret');
    writeFileSync(join(folder, 'data', 'voter'), 'kept');
    world.process.end(1);
    await world.pass(0);
    expect(world.runner.processes).toHaveLength(2);
    expect(readFileSync(join(folder, 'data', 'voter'), 'utf8')).toBe('kept');
  });

  test('follow their objects while the container runs', async () => {
    const metadata = { name: 'edge', namespace: 'default' };
    const data = { mesh: Buffer.from('one').toString('base64'), old: '' };
    await world.api.create(SECRETS, { apiVersion: 'v1', kind: 'Secret', metadata, data });
    const keys = { name: 'keys', secret: { secretName: 'edge' } };
    await world.create({ containers: [container], volumes: [keys] });
    const folder = join(world.folder, 'uid-2', 'volumes', 'keys');
    expect(readdirSync(folder).sort()).toEqual(['mesh', 'old']);
    const next = { mesh: Buffer.from('two').toString('base64') };
    await world.api.patch(SECRETS, metadata, [{ op: 'replace', path: '/data', value: next }]);
    await world.pass(5_000);
    expect(readFileSync(join(folder, 'mesh'), 'utf8')).toBe('two');
    expect(readdirSync(folder)).toEqual(['mesh']);
    expect(world.runner.processes).toHaveLength(1);
  });

  test('that are missing are waited for', async () => {
    await world.create({ containers: [PLAIN], volumes: [{ name: 'config', configMap: { name: 'edge' } }] });
    expect(world.runner.processes).toHaveLength(0);
    expect(world.said.map(({ reason }) => reason)).toContain('FailedMount');
    await world.api.create(CONFIG_MAPS, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'edge', namespace: 'default' },
    });
    await world.pass(2_000);
    expect(world.runner.processes).toHaveLength(1);
  });
});

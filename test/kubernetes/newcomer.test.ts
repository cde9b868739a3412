import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { E2eCluster } from './e2e-cluster.ts';
import { helm, kubectl } from './kubectl.ts';
import { OPERATOR_NAMESPACE, OPERATOR_RELEASE } from './operator-release.ts';
import { faultsWhile } from './scene.ts';

const START_MS = 300_000;
const TIMEOUT_MS = 200_000;

describe('what a newcomer types', () => {
  let cluster: E2eCluster;

  beforeAll(async () => {
    cluster = await E2eCluster.start('newcomer', { replicas: 2, shards: 4 });
  }, START_MS);

  afterAll(async () => {
    await cluster.stop();
  }, START_MS);

  test.each(['UDP', 'TCP'] as const)(
    'calls over %s come through the Service, talk and are hung up, in a cluster of two',
    async (transport) => {
      const faults = await faultsWhile(cluster, { calls: 10, transport }, () => Promise.resolve());
      expect(faults).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test('kubectl explain tells what fields mean', async () => {
    for (const path of ['sipcluster.spec.rehoming', 'sipcluster.spec.podTemplate', 'dialogshard.status']) {
      const text = await kubectl('explain', path);
      expect(text).toContain('DESCRIPTION');
      expect(text).not.toContain('<no description>');
    }
  });

  test('kubectl get has short names, a category and columns', async () => {
    const clusters = await kubectl('get', 'sipc', '-n', cluster.namespace);
    for (const word of ['PHASE', 'READY', 'DIALOGS', 'AGE']) expect(clusters).toContain(word);
    const shards = await kubectl('get', 'dsh', '-n', cluster.namespace);
    for (const word of ['OWNER', 'EPOCH', 'DIALOGS', 'AGE']) expect(shards).toContain(word);
    expect(await kubectl('get', 'rehome', '-n', cluster.namespace)).toContain('sipcluster');
  });

  test('kubectl describe shows conditions and Events', async () => {
    const text = await kubectl('describe', 'sipcluster', 'edge', '-n', cluster.namespace);
    for (const word of ['Conditions:', 'Events:', 'SpecAccepted']) expect(text).toContain(word);
  });

  test(
    'kubectl wait finds it ready, and helm test passes for both charts',
    async () => {
      await kubectl(
        'wait',
        '-n',
        cluster.namespace,
        'sipcluster/edge',
        '--for=condition=Ready',
        '--timeout=50s',
      );
      expect(await helm('test', OPERATOR_RELEASE, '-n', OPERATOR_NAMESPACE)).toContain('Succeeded');
      expect(await helm('test', 'edge', '-n', cluster.namespace)).toContain('Succeeded');
    },
    TIMEOUT_MS,
  );
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { KubeObject } from '../../src/api/object-type.ts';
import { until } from '../../src/local/until.ts';
import { CLUSTER, E2eCluster } from './e2e-cluster.ts';
import { helm, kubectl, kubectlWith, listObjects, tryKubectl } from './kubectl.ts';
import { installOperator, OPERATOR_NAMESPACE, OPERATOR_RELEASE } from './operator-release.ts';
import { Scene } from './scene.ts';
import type { EndLedger } from '../../src/local/phones-program/run-type.ts';

const START_MS = 300_000;
const TIMEOUT_MS = 300_000;
const GONE_MS = 120_000;
const CALLS = 30;
const DELETION_WAIT_MS = 10_000;
const CROSSING_MS = 1000;

/** What one end of a call sent and got no good answer to; a request that crosses the BYE is answered 481 (RFC 3261 §15.1.2). */
function lostBeforeBye({ lost, byesReceived }: EndLedger): unknown[] {
  const byeMs = Math.min(...byesReceived.map(({ atMs }) => atMs));
  return lost.filter(({ atMs, status }) => status !== 481 || atMs < byeMs - CROSSING_MS);
}

describe('the end of a cluster', () => {
  let cluster: E2eCluster;

  beforeAll(async () => {
    cluster = await E2eCluster.start('ends', { spec: { deletionWait: `${DELETION_WAIT_MS / 1000}s` } });
  }, START_MS);

  afterAll(async () => {
    await cluster.stop();
  }, START_MS);

  test(
    'a SipCluster that is deleted with calls up keeps them for deletionWait, and then sends BYE to both sides',
    async () => {
      const scene = await Scene.open(cluster, { calls: CALLS, freshPerSecond: 0 });
      const deletedAtMs = (await scene.ledger()).nowMs;
      await kubectlWith({ timeoutMs: GONE_MS }, 'delete', 'sipcluster', CLUSTER, '-n', cluster.namespace);
      await until(async () => (await scene.ledger()).up === 0, GONE_MS, 'the BYEs');
      const { ledgers } = await scene.close();
      const [held] = ledgers;
      expect(held?.calls).toHaveLength(CALLS);
      const ends = held?.calls.flatMap((call) => Object.values(call.ends ?? {})) ?? [];
      expect(ends).toHaveLength(2 * CALLS);
      expect(ends.map(({ byesReceived }) => byesReceived.length)).toEqual(ends.map(() => 1));
      expect(ends.flatMap(lostBeforeBye)).toEqual([]);
      const firstByeMs = Math.min(
        ...ends.flatMap(({ byesReceived }) => byesReceived.map(({ atMs }) => atMs)),
      );
      expect(firstByeMs - deletedAtMs).toBeGreaterThan(DELETION_WAIT_MS - 1000);
      await until(
        async () => (await left()).length === 0,
        GONE_MS,
        'all that was made for the cluster to be gone',
      );
    },
    TIMEOUT_MS,
  );

  test(
    'helm uninstall of both charts leaves the CRDs and nothing else',
    async () => {
      await cluster.stop();
      await helm('uninstall', OPERATOR_RELEASE, '-n', OPERATOR_NAMESPACE);
      await kubectl('delete', 'namespace', OPERATOR_NAMESPACE, '--timeout=55s');
      const kinds =
        'clusterroles,clusterrolebindings,roles,rolebindings,deployments,services,networkpolicies,pods,secrets,configmaps,serviceaccounts,poddisruptionbudgets,leases';
      const made = await kubectl(
        ...['get', kinds, '-A', '-l', `app.kubernetes.io/instance=${OPERATOR_RELEASE}`, '-o', 'name'],
      );
      expect(made.trim()).toBe('');
      const named = await kubectl('get', 'clusterroles,clusterrolebindings', '-o', 'name');
      expect(named.split('\n').filter((name) => name.includes('rehome'))).toEqual([]);
      expect(await kubectl('get', 'crd', '-o', 'name')).toContain('sipclusters.sip.rehome.dev');
      await installOperator();
    },
    TIMEOUT_MS,
  );

  /** Names of what has the cluster's label. */
  async function left(): Promise<string[]> {
    const kinds = 'pods,services,secrets,configmaps,poddisruptionbudgets,networkpolicies,dialogshards';
    const { stdout } = await tryKubectl(
      ...['get', kinds, '-n', cluster.namespace, '-l', `sip.rehome.dev/cluster=${CLUSTER}`, '-o', 'name'],
    );
    const shards = await listObjects<KubeObject>('dialogshards', cluster.namespace);
    return [
      ...stdout.split('\n').filter((name) => name !== ''),
      ...shards.map(({ metadata }) => metadata.name),
    ];
  }
});

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { ROOT } from '../repo/repository.ts';
import { until } from '../../src/local/until.ts';
import { ChartApi } from './chart-api.ts';
import { HELM, outputOf, runTool, type Ended, type Rendered } from './chart-tools.ts';

const OPERATOR = 'helm/rehome-operator';
const CLUSTER = 'helm/rehome-cluster';
const CRDS = ['dialogshards.sip.rehome.dev', 'sipclusters.sip.rehome.dev'];
const WAIT_MS = 30_000;

// Programs take their time where others run too.
jest.setTimeout(120_000);

const api = new ChartApi();
let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rehome-chart-'));
  await api.start();
});
afterAll(async () => {
  await api.stop();
  rmSync(folder, { recursive: true, force: true });
});

function helm(...args: string[]): Promise<Ended> {
  return runTool(HELM, args, { env: api.env });
}

function kubectl(...args: string[]): Promise<Ended> {
  return api.kubectl(args);
}

async function get(...args: string[]): Promise<Rendered> {
  return JSON.parse(await outputOf(kubectl('get', '-o', 'json', ...args))) as Rendered;
}

async function names(...args: string[]): Promise<string[]> {
  const text = await outputOf(kubectl('get', '-o', 'name', ...args));
  return text
    .split('\n')
    .filter((line) => line !== '')
    .sort();
}

/** Everything of a release that is in the API, by the label that the chart sets. */
function objectsOf(release: string, namespace: string): Promise<string[]> {
  const kinds =
    'deployments,services,serviceaccounts,roles,rolebindings,poddisruptionbudgets,networkpolicies,' +
    'clusterroles,clusterrolebindings,customresourcedefinitions';
  return names(kinds, '-n', namespace, '-l', `app.kubernetes.io/instance=${release}`);
}

/** The chart as an earlier version had it: a definition without its short name. */
function olderChart(): string {
  const chart = join(folder, 'older');
  cpSync(join(ROOT, OPERATOR), chart, { recursive: true });
  const file = join(chart, 'files/crds/sipclusters.sip.rehome.dev.yaml');
  const text = readFileSync(file, 'utf8');
  const older = text.replace(/\n {4}shortNames:\n {6}- sipc\n/, '\n');
  if (older === text) throw new Error('the definition has no short name');
  writeFileSync(file, older);
  return chart;
}

const RELEASE = ['rehome-operator', '-n', 'rehome-system'];

describe('the life of a release', () => {
  let uid: string | undefined;

  test('a cluster before the operator is refused, with what is missing', async () => {
    const { code, stderr } = await helm('install', 'early', CLUSTER, '-n', 'early', '--create-namespace');
    expect([code === 0, stderr]).toEqual([
      false,
      expect.stringContaining('no matches for kind "SipCluster"'),
    ]);
  });

  test('an operator is installed with its definitions, and a cluster beside it', async () => {
    await outputOf(
      helm('install', 'rehome-operator', olderChart(), '-n', 'rehome-system', '--create-namespace'),
    );
    await until(
      async () => (await outputOf(kubectl('get', 'crd'))).includes('sipclusters'),
      WAIT_MS,
      'the definitions',
    );
    await outputOf(helm('install', 'calls', CLUSTER, '-n', 'telephony', '--create-namespace'));
    uid = (await get('sipcluster', 'calls', '-n', 'telephony')).metadata.uid;
    expect(uid).toBeDefined();
  });

  test('NOTES name three commands, for the names of the release', async () => {
    const notes = await outputOf(helm('get', 'notes', ...RELEASE));
    expect(notes).toContain('kubectl -n rehome-system rollout status deployment/rehome-operator');
    expect(notes).toContain('helm test rehome-operator -n rehome-system');
    const cluster = await outputOf(helm('get', 'notes', 'calls', '-n', 'telephony'));
    expect(cluster).toContain('kubectl -n telephony wait sipcluster/calls --for=condition=Ready');
    expect(cluster).toContain('There is no route yet');
  });

  test('an upgrade changes the definitions and the operator, and no cluster', async () => {
    expect((await kubectl('get', 'sipc', '-n', 'telephony')).code).not.toBe(0);
    const before = await get('sipclusters', 'calls', '-n', 'telephony');
    await outputOf(
      helm('upgrade', 'rehome-operator', OPERATOR, '-n', 'rehome-system', '--set', 'replicaCount=3'),
    );
    await until(
      async () => (await kubectl('get', 'sipc', '-n', 'telephony')).code === 0,
      WAIT_MS,
      'the short name',
    );
    const { spec } = await get('deployment', ...RELEASE);
    expect(spec).toMatchObject({ replicas: 3 });
    const after = await get('sipclusters', 'calls', '-n', 'telephony');
    expect(after.metadata).toEqual(before.metadata);
  });

  test('an upgrade without changes writes nothing but its own record', async () => {
    const versions = async (): Promise<unknown[]> =>
      Promise.all(
        [['deployment', ...RELEASE], ...CRDS.map((name) => ['crd', name])].map(
          async (args) => (await get(...args)).metadata.generation,
        ),
      );
    const before = await versions();
    await outputOf(helm('upgrade', 'rehome-operator', OPERATOR, '-n', 'rehome-system', '--reuse-values'));
    expect(await versions()).toEqual(before);
  });

  test('an upgrade of the cluster changes its spec and keeps the object', async () => {
    await outputOf(
      helm('upgrade', 'calls', CLUSTER, '-n', 'telephony', '--set', 'spec.replicas=4,image.tag=9.9.9'),
    );
    const { metadata, spec } = await get('sipcluster', 'calls', '-n', 'telephony');
    expect(metadata.uid).toBe(uid);
    expect(spec).toMatchObject({ replicas: 4, image: 'rehome:9.9.9' });
  });

  test('a rollback takes the image back, and keeps the object', async () => {
    await outputOf(helm('rollback', 'calls', '1', '-n', 'telephony'));
    const { metadata, spec } = await get('sipcluster', 'calls', '-n', 'telephony');
    expect(metadata.uid).toBe(uid);
    expect(spec).toMatchObject({ replicas: 3, image: expect.not.stringContaining('9.9.9') });
  });

  test('a rollback of the operator takes its Deployment back, and touches no cluster', async () => {
    const before = await get('sipclusters', 'calls', '-n', 'telephony');
    await outputOf(helm('rollback', 'rehome-operator', '1', '-n', 'rehome-system'));
    expect((await get('deployment', ...RELEASE)).spec).toMatchObject({ replicas: 2 });
    expect((await get('sipclusters', 'calls', '-n', 'telephony')).metadata).toEqual(before.metadata);
  });

  test('an upgrade takes back what somebody scaled only if it is told to', async () => {
    await outputOf(kubectl('scale', 'sipcluster/calls', '-n', 'telephony', '--replicas=5'));
    const upgrade = ['upgrade', 'calls', CLUSTER, '-n', 'telephony', '--set', 'spec.replicas=3'];
    const refused = await helm(...upgrade);
    expect([refused.code === 0, refused.stderr]).toEqual([false, expect.stringContaining('.spec.replicas')]);
    await outputOf(helm(...upgrade, '--force-conflicts'));
    expect((await get('sipcluster', 'calls', '-n', 'telephony')).spec).toMatchObject({ replicas: 3 });
  });

  test('uninstalling the operator leaves the definitions and the clusters', async () => {
    await outputOf(helm('uninstall', ...RELEASE));
    expect(await objectsOf('rehome-operator', 'rehome-system')).toEqual(
      CRDS.map((name) => `customresourcedefinition.apiextensions.k8s.io/${name}`),
    );
    expect((await get('sipcluster', 'calls', '-n', 'telephony')).metadata.uid).toBe(uid);
  });

  test('installing it again takes the definitions over that it left', async () => {
    await outputOf(helm('install', 'rehome-operator', OPERATOR, '-n', 'rehome-system'));
    expect((await get('sipcluster', 'calls', '-n', 'telephony')).metadata.uid).toBe(uid);
  });

  test('definitions that the chart is to do without are kept', async () => {
    const upgrade = [
      'upgrade',
      'rehome-operator',
      OPERATOR,
      '-n',
      'rehome-system',
      '--reset-then-reuse-values',
    ];
    await outputOf(helm(...upgrade, '--set', 'crds.enabled=false'));
    expect((await get('sipcluster', 'calls', '-n', 'telephony')).metadata.uid).toBe(uid);
    await outputOf(helm(...upgrade, '--set', 'crds.enabled=true'));
    expect((await get('sipcluster', 'calls', '-n', 'telephony')).metadata.uid).toBe(uid);
  });

  test('uninstalling the cluster takes it away', async () => {
    await outputOf(helm('uninstall', 'calls', '-n', 'telephony'));
    expect(await names('sipclusters,dialogshards', '-n', 'telephony')).toEqual([]);
  });

  test('with crds.keep: false nothing is left', async () => {
    await outputOf(
      helm('upgrade', 'rehome-operator', OPERATOR, '-n', 'rehome-system', '--set', 'crds.keep=false'),
    );
    await outputOf(helm('uninstall', ...RELEASE));
    await until(
      async () => (await objectsOf('rehome-operator', 'rehome-system')).length === 0,
      WAIT_MS,
      'everything to go',
    );
    expect(await names('secrets', '-n', 'rehome-system')).toEqual([]);
  });
});

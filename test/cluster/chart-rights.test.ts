import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { until } from '../../src/local/until.ts';
import { ROOT } from '../repo/repository.ts';
import { ChartApi } from './chart-api.ts';
import { HELM, outputOf, runTool, type Ended } from './chart-tools.ts';

// Programs take their time where others run too.
jest.setTimeout(240_000);
const WAIT_MS = 180_000;
const LOG_END = 3000;
const SYSTEM = 'rehome-system';
const SERVED = 'telephony';
const OTHER = 'elsewhere';

const api = new ChartApi();
let folder = '';
let operator: ChildProcess | undefined;

function kubectl(...args: string[]): Promise<Ended> {
  return api.kubectl(args);
}

function helm(...args: string[]): Promise<string> {
  return outputOf(runTool(HELM, args, { env: api.env }));
}

/** What the API server says to a request of an operator's ServiceAccount. */
async function may(account: string, question: string, namespace: string): Promise<string> {
  const user = `system:serviceaccount:${SYSTEM}:${account}`;
  const args = ['auth', 'can-i', ...question.split(' '), '-n', namespace, '--as', user];
  return (await kubectl(...args)).stdout.trim();
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rehome-rights-'));
  await api.start();
  for (const name of [SYSTEM, SERVED, OTHER]) await outputOf(kubectl('create', 'namespace', name));
  await helm('install', 'wide', 'helm/rehome-operator', '-n', SYSTEM, '--set', 'fullnameOverride=wide');
  await helm(
    ...['install', 'narrow', 'helm/rehome-operator', '-n', SYSTEM, '--set', 'fullnameOverride=narrow'],
    ...['--set', `watchNamespace=${SERVED},crds.enabled=false,rbac.nodes=false,rbac.aggregate=false`],
  );
});

afterAll(async () => {
  operator?.kill('SIGKILL');
  await api.stop();
  rmSync(folder, { recursive: true, force: true });
});

const NEVER = [
  'create deployments',
  'create pods --subresource=exec',
  'create pods --subresource=attach',
  'create pods --subresource=portforward',
  'get pods --subresource=log',
  'update pods',
  'patch pods --subresource=ephemeralcontainers',
  'create serviceaccounts',
  'create serviceaccounts --subresource=token',
  'create roles.rbac.authorization.k8s.io',
  'create rolebindings.rbac.authorization.k8s.io',
  'create clusterrolebindings.rbac.authorization.k8s.io',
  'escalate roles.rbac.authorization.k8s.io',
  'escalate clusterroles.rbac.authorization.k8s.io',
  'bind clusterroles.rbac.authorization.k8s.io',
  'update sipclusters.sip.rehome.dev',
  'delete sipclusters.sip.rehome.dev',
  'delete customresourcedefinitions.apiextensions.k8s.io',
  'update nodes',
  'patch nodes',
  'patch nodes --subresource=status',
  'delete nodes',
  'get nodes --subresource=proxy',
  'impersonate users',
  'create namespaces',
  'delete namespaces',
  'delete secrets',
  'delete persistentvolumeclaims',
  'create mutatingwebhookconfigurations.admissionregistration.k8s.io',
  'approve signers.certificates.k8s.io',
  'create tokenreviews.authentication.k8s.io',
  'delete leases.coordination.k8s.io',
];

describe.each(['wide', 'narrow'])('the operator of the release %s', (account) => {
  test.each(NEVER)('may not %s', async (question) => {
    const namespaces = [SYSTEM, SERVED, OTHER, 'kube-system'];
    const answers = await Promise.all(namespaces.map((namespace) => may(account, question, namespace)));
    expect(answers).toEqual(['no', 'no', 'no', 'no']);
  });

  test('may do its work where it watches', async () => {
    for (const question of [
      'create pods',
      'delete pods',
      'get secrets',
      'patch sipclusters --subresource=status',
    ])
      expect([question, await may(account, question, SERVED)]).toEqual([question, 'yes']);
  });
});

test('an operator of one namespace sees no other and no node', async () => {
  for (const question of ['get secrets', 'create pods', 'list sipclusters'])
    expect([question, await may('narrow', question, OTHER)]).toEqual([question, 'no']);
  expect(await may('narrow', 'list nodes', SERVED)).toBe('no');
  expect(await may('narrow', 'get secrets', SYSTEM)).toBe('no');
  expect(await may('wide', 'list nodes', SERVED)).toBe('yes');
});

test('people with the standard roles read with view and change with edit, but not the status', async () => {
  const args = ['get', 'clusterrole', '-o', 'json', `${SYSTEM}:wide-view`, `${SYSTEM}:wide-edit`];
  const { items } = JSON.parse(await outputOf(kubectl(...args))) as {
    items: {
      metadata: { labels: Record<string, string> };
      rules: { resources: string[]; verbs: string[] }[];
    }[];
  };
  const [view, edit] = items;
  expect(view?.metadata.labels).toHaveProperty(['rbac.authorization.k8s.io/aggregate-to-view'], 'true');
  expect(view?.rules.flatMap(({ verbs }) => verbs)).toEqual(['get', 'list', 'watch']);
  expect(edit?.metadata.labels).not.toHaveProperty(['rbac.authorization.k8s.io/aggregate-to-view']);
  expect(edit?.rules.flatMap(({ resources }) => resources).join()).not.toContain('status');
});

/** `rehome operator` with the rights and the token of a release. */
async function startOperator(account: string): Promise<{ log: string; token: string }> {
  const [log, token] = [join(folder, 'log'), join(folder, 'token')];
  writeFileSync(token, await outputOf(kubectl('create', 'token', account, '-n', SYSTEM)));
  const { url, caFile } = api.server;
  const output = openSync(log, 'w');
  const args = ['operator', '--api-server', url, '--token-file', token, '--ca-file', caFile];
  operator = spawn(join(ROOT, 'bin/rehome'), args, {
    env: { ...process.env, NODE_OPTIONS: '', POD_NAMESPACE: SYSTEM, POD_IP: '127.0.0.78' },
    stdio: ['ignore', output, output],
  });
  return { log, token };
}

test('an operator makes the pods of a cluster with these rights, and the check of `helm test` passes', async () => {
  const { log, token } = await startOperator('wide');
  await helm('install', 'calls', 'helm/rehome-cluster', '-n', SERVED);
  const made = async (): Promise<boolean> =>
    (await outputOf(kubectl('get', 'pods', '-o', 'name', '-n', SERVED))).split('\n').length > 3;
  await until(made, WAIT_MS, 'three pods').catch((error: unknown) => {
    throw new Error(`the operator said: ${readFileSync(log, 'utf8').slice(-LOG_END)}`, { cause: error });
  });
  const { hostname, port } = new URL(api.server.url);
  const check = readFileSync(join(ROOT, 'helm/rehome-operator/files/check-operator.mjs'), 'utf8');
  const said = await outputOf(
    runTool(process.execPath, ['--input-type=module', '--eval', check], {
      env: {
        ...{ NODE_OPTIONS: '', NODE_EXTRA_CA_CERTS: api.server.caFile, TOKEN_FILE: token },
        ...{ KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port },
        OPERATOR: 'http://127.0.0.78:9090',
        LEASE: `/apis/coordination.k8s.io/v1/namespaces/${SYSTEM}/leases/rehome-operator`,
        RESOURCES: '/apis/sip.rehome.dev/v1alpha1',
      },
    }),
  );
  expect(said).toMatch(/Definitions are served\nan operator is ready\n\S+ leads\n/);
  expect(readFileSync(log, 'utf8')).not.toContain('Forbidden');
});

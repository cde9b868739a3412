import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pause, until } from '../../src/local/until.ts';
import { manifestOf } from '../e2e/local/local-fleet.ts';
import { ApiProxy } from './api-proxy.ts';
import { ChartApi } from './chart-api.ts';
import { HELM, outputOf, runTool } from './chart-tools.ts';
import { OperatorProcess } from './operator-process.ts';

const TIMEOUT_MS = 240_000;
const START_MS = 240_000;
const LIMIT_MS = 120_000;
const SYSTEM = 'rehome-system';
const HOST = '127.0.0.79';
const QUIET_MS = 10_000;
/** Its Lease and two kinds that are not there: 20 requests in the quiet time, without a storm. */
const MOST_REQUESTS = 100;

describe('an operator without the definitions of its resources', () => {
  const api = new ChartApi();
  const folder = mkdtempSync(join(tmpdir(), 'rehome-crds-'));
  let proxy: ApiProxy;
  let operator: OperatorProcess;
  let requests = 0;

  beforeAll(async () => {
    await api.start();
    proxy = new ApiProxy(api.address);
    await proxy.listen();
    proxy.fault = () => {
      requests++;
      return undefined;
    };
    const flags = ['-n', SYSTEM, '--create-namespace', '--set', 'crds.enabled=false'];
    await outputOf(
      runTool(HELM, ['install', 'rehome-operator', 'helm/rehome-operator', ...flags], { env: api.env }),
    );
    const tokenFile = join(folder, 'token');
    writeFileSync(tokenFile, (await kubectl('create', 'token', 'rehome-operator', '-n', SYSTEM)).trim());
    operator = new OperatorProcess({
      ...{ url: proxy.url, tokenFile, namespace: SYSTEM, watched: '', address: HOST },
      logFile: join(folder, 'log'),
    });
  }, START_MS);

  afterAll(async () => {
    await operator.end('SIGKILL');
    await proxy.close();
    await api.stop();
    rmSync(folder, { recursive: true });
  });

  function kubectl(...args: string[]): Promise<string> {
    return outputOf(api.kubectl(args));
  }

  async function readiness(): Promise<string> {
    try {
      return await (await fetch(`http://${HOST}:9090/readyz`)).text();
    } catch (error) {
      return String(error);
    }
  }

  async function makeCluster(): Promise<void> {
    await outputOf(api.kubectl(['apply', '-f', '-'], manifestOf({}, '127.0.0.1:5060')));
    await until(async () => (await pods()).length === 3, LIMIT_MS, 'three pods');
  }

  async function pods(): Promise<string[]> {
    return (await kubectl('get', 'pods', '-o', 'name')).split('\n').filter((name) => name !== '');
  }

  test(
    'waits for them, says what it waits for, and begins when they come',
    async () => {
      const isWaiting = async (): Promise<boolean> =>
        (await readiness()) === 'not read yet: sipclusters, dialogshards\n';
      await until(isWaiting, LIMIT_MS, 'it says that it waits for two kinds');
      await kubectl('apply', '-f', 'crds');
      await until(async () => (await readiness()) === 'ok\n', LIMIT_MS, 'it is ready');
      await makeCluster();
      expect(operator.log()).toContain('a list-watch begins again');
    },
    TIMEOUT_MS,
  );

  test(
    'that are deleted while it runs makes nothing more, storms nobody, and begins again when they come back',
    async () => {
      await kubectl('delete', '-f', 'crds');
      await kubectl('delete', 'pods', '--all', '--force', '--grace-period=0');
      await pause(QUIET_MS);
      requests = 0;
      await pause(QUIET_MS);
      expect(requests).toBeLessThan(MOST_REQUESTS);
      expect(await pods()).toEqual([]);
      expect(operator.hasEnded).toBe(false);
      await kubectl('apply', '-f', 'crds');
      await kubectl('wait', '--for=condition=Established', '--timeout=60s', '-f', 'crds');
      await makeCluster();
      expect(operator.log()).not.toContain('UNCAUGHT');
    },
    TIMEOUT_MS,
  );
});

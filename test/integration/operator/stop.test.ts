import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { LEASES, PODS, SIP_CLUSTERS } from '../../../src/kube/kinds.ts';
import { ApiServer } from '../../../src/local/kubernetes/api-server.ts';
import { until } from '../../../src/local/until.ts';
import { ROOT } from '../../repo/repository.ts';
import { newKubernetes, sipCluster } from '../../unit/operator/memory.ts';

const LIMIT_MS = 120_000;
const START_MS = 60_000;
/** What Kubernetes gives the operator's pod to end by itself. */
const GRACE_MS = 30_000;
const TOKEN = 'secret';

const cleanUp: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const act of cleanUp.splice(0).reverse()) await act();
});

/** `rehome operator` as a process, on an API in memory that may leave requests without an answer. */
class Scene {
  readonly api = newKubernetes();
  isMute = false;
  /** Requests that got no answer. */
  unanswered = 0;
  readonly #host: string;
  #child: ChildProcess | undefined;

  constructor(host: string) {
    this.#host = host;
  }

  async start(): Promise<void> {
    const server = new ApiServer({
      ...{ api: this.api, host: '127.0.0.1', port: 0, token: TOKEN },
      ownPaths: () => {
        if (this.isMute) this.unanswered++;
        return this.isMute;
      },
    });
    const url = await server.listen();
    cleanUp.push(() => server.close());
    const folder = mkdtempSync(join(tmpdir(), 'rehome-stop-'));
    const tokenFile = join(folder, 'token');
    writeFileSync(tokenFile, TOKEN);
    cleanUp.push(() => {
      rmSync(folder, { recursive: true });
    });
    const env = { ...process.env, NODE_OPTIONS: '', POD_IP: this.#host, POD_NAMESPACE: 'rehome-system' };
    const args = ['operator', '--api-server', url, '--token-file', tokenFile];
    const child = spawn(`${ROOT}bin/rehome`, args, { env, stdio: 'ignore' });
    cleanUp.push(() => {
      child.kill('SIGKILL');
    });
    this.#child = child;
    await until(() => this.#answers(), START_MS, 'the operator to answer');
  }

  /** Its exit code after SIGTERM; what it ended by if that was none. */
  async end(): Promise<unknown> {
    const child = this.#child;
    child?.kill('SIGTERM');
    await until(() => child?.exitCode !== null || child.signalCode !== null, GRACE_MS, 'the operator to end');
    return child?.exitCode ?? child?.signalCode;
  }

  /** Who has the Lease. */
  async holder(): Promise<string | undefined> {
    const { items } = await this.api.list(LEASES, { namespace: 'rehome-system' });
    return items[0]?.spec.holderIdentity;
  }

  async untilPodsMade(): Promise<void> {
    await this.api.create(SIP_CLUSTERS, sipCluster('edge'));
    await until(async () => (await this.api.list(PODS, {})).items.length === 3, START_MS, 'three pods');
  }

  async #answers(): Promise<boolean> {
    try {
      return (await fetch(`http://${this.#host}:9090/healthz`)).ok;
    } catch {
      return false;
    }
  }
}

describe('an operator that is told to stop', () => {
  test(
    'gives its Lease back and ends well while it leads',
    async () => {
      const scene = new Scene('127.78.0.1');
      await scene.start();
      await scene.untilPodsMade();
      expect(await scene.holder()).toMatch(/^operator_/);
      expect(await scene.end()).toBe(0);
      expect(await scene.holder()).toBe('');
    },
    LIMIT_MS,
  );

  test(
    'ends well, before it is killed, though the API does not answer, or has not yet',
    async () => {
      const [leading, starting] = [new Scene('127.78.0.2'), new Scene('127.78.0.3')];
      starting.isMute = true;
      await Promise.all([leading.start(), starting.start()]);
      await leading.untilPodsMade();
      leading.isMute = true;
      // What it writes and renews from here on hangs.
      await until(() => leading.unanswered > 0, START_MS, 'a request without an answer');
      expect(starting.unanswered).toBeGreaterThan(0);
      expect(await Promise.all([leading.end(), starting.end()])).toEqual([0, 0]);
    },
    LIMIT_MS,
  );
});

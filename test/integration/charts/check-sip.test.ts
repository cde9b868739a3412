import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { StaticCluster } from '../../../src/local/static-cluster.ts';
import { testNetwork } from '../../e2e/network.ts';

/** What the pod of `helm test` runs. */
const CHECK = readFileSync(
  fileURLToPath(new URL('../../../helm/rehome-cluster/files/check-sip.mjs', import.meta.url)),
  'utf8',
);

let cluster: StaticCluster;
beforeAll(async () => {
  cluster = await StaticCluster.start({ callees: ['127.0.0.1:5999'], pods: 1, network: await testNetwork() });
});
afterAll(async () => {
  await cluster.stop();
});

interface Said {
  code: number;
  text: string;
}

function check(env: Record<string, string>): Promise<Said> {
  return new Promise((resolve) => {
    const args = ['--input-type=module', '--eval', CHECK];
    const options = { env: { ...process.env, NODE_OPTIONS: '', ...env } };
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), text: stdout + stderr });
    });
  });
}

function listener(): { HOST: string; PORT: string } {
  const { address, port } = cluster.pods[0]?.place.public ?? { address: '', port: 0 };
  return { HOST: address, PORT: String(port) };
}

test.each(['UDP', 'TCP'])('hears a proxy answer over %s', async (transport) => {
  const { code, text } = await check({ ...listener(), TRANSPORT: transport });
  expect([code, text]).toEqual([0, expect.stringContaining(`over ${transport}: SIP/2.0 200 OK`)]);
});

test.each(['UDP', 'TCP'])('fails where nothing answers over %s', async (transport) => {
  const { code, text } = await check({ ...listener(), PORT: '9', TRANSPORT: transport, TRIES: '1' });
  expect(code).toBe(1);
  expect(text).toContain(`does not answer OPTIONS over ${transport}: `);
});

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { MeshKey, ProxyConfig } from '../api/proxy-config.ts';
import { systemClock } from '../runtime/clock.ts';
import { newLogger } from '../runtime/logger.ts';
import { Admin } from './admin.ts';
import { AdminView } from './admin-view.ts';
import { MeshNode } from './mesh/mesh-node.ts';
import { MeshCalls } from './mesh-calls.ts';
import { ProxyMetrics } from './metrics.ts';
import { Pod } from './pod.ts';
import { RandomPool } from './random.ts';

/** Runs one proxy process until it is told to stop (SIGTERM or SIGINT), and has handed over what it carried. */
export async function runProxy(given: ProxyConfig): Promise<void> {
  const config = withKeys(given);
  const log = newLogger(config.log.level, { cluster: config.cluster, pod: config.pod });
  const metrics = new ProxyMetrics();
  const random = new RandomPool();
  const node: MeshNode = new MeshNode({
    config,
    log,
    metrics,
    clock: systemClock,
    random: () => random.next(),
    source: { read: (tag, key) => pod.readRecord(tag, key) },
    onEffect: (effect) => {
      mesh.note(effect);
      pod.onMesh(effect);
    },
  });
  const mesh: MeshCalls = new MeshCalls(config.pod, node, (copy) => {
    pod.take(copy);
  });
  const pod: Pod = new Pod(config, mesh, { log, metrics, tokenKey: tokenKeyOf(config) });
  const { context, rehoming } = pod;
  const view = new AdminView({ config, mesh: node, context, rehoming, metrics, log });
  const admin = new Admin(view, log);
  await admin.start(config.http.bind);
  await pod.start();
  await node.start();
  log.info('started', { version: process.version, boot: node.bootId });
  await untilTold();
  log.info('told to stop: hands over its tags');
  view.draining = true;
  await pod.drain(mesh).run();
  await pod.stop();
  await node.stop();
  await admin.stop();
  view.close();
  log.info('stopped');
}

function untilTold(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => {
      resolve();
    });
    process.once('SIGINT', () => {
      resolve();
    });
  });
}

/** The keys of the key file, one "id secret" a line, take the place of keys in the config. */
function withKeys(config: ProxyConfig): ProxyConfig {
  const { keyFile } = config.mesh;
  if (keyFile === undefined) return config;
  const keys = readFileSync(keyFile, 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line): MeshKey => {
      const [id = '', secret = ''] = line.split(/\s+/, 2);
      return { id, secret };
    });
  return { ...config, mesh: { ...config.mesh, keys } };
}

/** Tokens have a key of their own, derived from the mesh's first one. */
function tokenKeyOf(config: ProxyConfig): string {
  return createHash('sha256')
    .update(`rehome token ${config.mesh.keys[0]?.secret ?? ''}`)
    .digest('hex');
}

import { join } from 'node:path';
import type { ProxyConfig } from '../api/proxy-config.ts';
import { systemClock } from '../runtime/clock.ts';
import { newLogger, type Logger } from '../runtime/logger.ts';
import { untilToldToStop } from '../runtime/told-to-stop.ts';
import { Admin } from './admin.ts';
import { AdminView } from './admin-view.ts';
import { MeshNode } from '../mesh/mesh-node.ts';
import { VoterFile } from '../mesh/voter-file.ts';
import { serverSettings } from '../mesh/tls-settings.ts';
import { Advertised } from './advertised.ts';
import { Control } from './control/control.ts';
import { asTold, ToldState } from './control/told-state.ts';
import { MeshCalls } from './mesh-calls.ts';
import { ProxyMetrics } from './metrics.ts';
import { Pod } from './pod.ts';
import { PodKeys } from './pod-keys.ts';
import { RandomPool } from './random.ts';

const VOTER_FILE = 'voter';
const TOLD_FILE = 'told';

/** Runs one proxy process until it is told to stop (SIGTERM or SIGINT), and has handed over what it carried. */
export async function runProxy(written: ProxyConfig): Promise<void> {
  const stop = untilToldToStop();
  const log = newLogger(written.log.level, { cluster: written.cluster, pod: written.pod });
  const told = new ToldState(new VoterFile(join(written.dataDir, TOLD_FILE)), log);
  const toldLast = written.managed ? await told.read() : undefined;
  const config = asTold(written, toldLast);
  const metrics = new ProxyMetrics();
  keepRunning(log, metrics);
  const keys = new PodKeys(config, log, metrics);
  const random = new RandomPool();
  const node: MeshNode = await MeshNode.open({
    config,
    keys: keys.mesh,
    store: new VoterFile(join(config.dataDir, VOTER_FILE)),
    log,
    metrics,
    clock: systemClock,
    random: () => random.next(),
    source: { read: (tag, key) => pod.readRecord(tag, key) },
    onEffect: (effect) => {
      mesh.note(effect);
      pod.onMesh(effect);
      control?.note(effect);
    },
  });
  const mesh: MeshCalls = new MeshCalls(config.pod, node, (copy) => {
    pod.take(copy);
  });
  const changed = (): void => {
    control?.touch();
  };
  const pod: Pod = new Pod(config, mesh, { log, metrics, tokenKeys: keys.tokens, changed });
  const { context, rehoming } = pod;
  const view = new AdminView({ config, mesh: node, context, rehoming, metrics, log });
  const admin = new Admin(view, log);
  const advertised = new Advertised(config.listeners, toldLast?.addresses ?? {}, {
    listeners: context.listeners,
    log,
  });
  view.untold = () => advertised.untold;
  const control = newControl(config, { mesh: node, pod, view, told, keys, advertised });
  await admin.start(config.http.bind);
  const isTold = advertised.untold.length === 0;
  if (isTold) await pod.start();
  await node.start();
  if (config.control) await control?.start(config.control.bind);
  keys.follow(changed);
  await Promise.race([stop, advertised.known]);
  if (!isTold && advertised.untold.length === 0) await pod.start();
  log.info('started', { version: process.version, boot: node.bootId });
  await stop;
  await leave({ log, mesh: node, pod, view, told, keys, control, admin });
  log.info('stopped');
}

interface ControlParts {
  mesh: MeshNode;
  pod: Pod;
  view: AdminView;
  told: ToldState;
  keys: PodKeys;
  advertised: Advertised;
}

/** Hands over what the pod carries, then stops everything. */
async function leave({ log, mesh, pod, view, told, keys, control, admin }: LeavingParts): Promise<void> {
  log.info('told to stop: hands over its tags');
  view.draining = true;
  control?.touch();
  await pod.drain(() => control?.moves ?? []).run();
  keys.stop();
  await control?.stop();
  await told.close();
  await pod.stop();
  await mesh.stop();
  await admin.stop();
  view.close();
}

interface LeavingParts extends Omit<ControlParts, 'advertised'> {
  log: Logger;
  control: Control | undefined;
  admin: Admin;
}

/** What an operator steers the pod by; undefined where the config has no control API. */
function newControl(config: ProxyConfig, { mesh, pod, ...parts }: ControlParts): Control | undefined {
  if (config.control === undefined) return undefined;
  const { context, handovers, history, rehoming } = pod;
  return new Control(
    { mesh, context, handovers, history, rehoming, ...parts, bootId: mesh.bootId },
    serverSettings(parts.keys.mesh),
  );
}

/** Promise 7: an error that nobody caught is this program's fault, and no call pays for it. */
function keepRunning(log: Logger, metrics: ProxyMetrics): void {
  process.on('uncaughtException', (error) => {
    metrics.drops.inc({ reason: 'internal_error' });
    log.error('an error was not caught', { code: 'UNCAUGHT', error: String(error), stack: error.stack });
  });
}

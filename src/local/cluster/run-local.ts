import { rmSync } from 'node:fs';
import { KubeError } from '../../kube/api.ts';
import { EVENTS } from '../../kube/kinds.ts';
import { failureText } from '../../runtime/failure-text.ts';
import { freeNetwork, isFreeForPods } from '../free-network.ts';
import { follow } from './follow.ts';
import { LocalCluster } from './local-cluster.ts';
import { LOCAL_USAGE, readLocalOptions, type LocalOptions } from './local-options.ts';
import { eventLine, welcomeText } from './local-screen.ts';
import {
  applyObject,
  inNamespace,
  kindOfObject,
  ManifestError,
  qualifiedName,
  readManifest,
} from './manifest.ts';
import { localPaths, readLocalState, type LocalPaths } from './state-file.ts';

const FIRST_NETWORK = 60;
const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

/** Runs `rehome local` until Ctrl-C or SIGTERM; resolves to the exit code. */
export async function runLocal(argv: string[]): Promise<number> {
  let options: LocalOptions | undefined;
  try {
    options = readLocalOptions(argv);
  } catch (error) {
    process.stderr.write(`rehome local: ${failureText(error)}\n\n${LOCAL_USAGE}`);
    return EXIT_USAGE;
  }
  if (options === undefined) {
    process.stdout.write(LOCAL_USAGE);
    return 0;
  }
  return run(options, localPaths());
}

async function run(options: LocalOptions, paths: LocalPaths): Promise<number> {
  const running = readLocalState(paths);
  if (running !== undefined)
    return fail(`one runs already (process ${running.pid}) with the folder ${paths.folder}`);
  const { network: asked } = options;
  if (asked !== undefined && !(await isFreeForPods(asked)))
    return fail(`other pods are at 127.0.${asked}.11 and up; choose another --network`);
  const told = untilTold();
  try {
    const objects = options.files.flatMap(readManifest);
    const network = asked ?? (await freeNetwork(FIRST_NETWORK));
    const cluster = await LocalCluster.start({ ...options, paths, network, onFault: tellFault });
    const { url, nodes } = cluster;
    process.stdout.write(welcomeText({ url, nodes, network, folder: paths.folder }));
    const log = new AbortController();
    follow(cluster.api, EVENTS, { signal: log.signal }, (change) => {
      if (change.type === 'ADDED' || change.type === 'MODIFIED')
        process.stdout.write(eventLine(change.object));
    }).catch(tellFault);
    for (const object of objects) process.stdout.write(await applyText(cluster, object));
    await told;
    log.abort();
    await stop(cluster, paths, options.keep);
    return 0;
  } catch (error) {
    if (error instanceof ManifestError) return fail(error.message);
    return fail(failureText(error));
  }
}

/** Applies an object; a line that says how it went. */
async function applyText(cluster: LocalCluster, object: Parameters<typeof kindOfObject>[0]): Promise<string> {
  const kind = kindOfObject(object);
  if (kind === undefined)
    return `error: no matches for kind "${object.kind}" in version "${object.apiVersion}"\n`;
  const name = qualifiedName(kind, object.metadata.name);
  try {
    return `${name} ${await applyObject(cluster.api, kind, inNamespace(object, kind, 'default'))}\n`;
  } catch (error) {
    if (error instanceof KubeError) return `error: ${name}: ${error.message}\n`;
    throw error;
  }
}

async function stop(cluster: LocalCluster, paths: LocalPaths, keep: boolean): Promise<void> {
  const calls = await cluster.calls();
  const ended = calls === 0 ? 'there are no calls' : calls === 1 ? '1 call ends' : `${calls} calls end`;
  process.stdout.write(`\nrehome local stops, ${ended} with it\n`);
  await cluster.stop();
  if (keep) process.stdout.write(`logs and volumes are in ${paths.pods}\n`);
  else rmSync(paths.pods, { recursive: true, force: true });
}

/** Resolves at the first SIGINT or SIGTERM; at a second one the process ends by it, and its pods with it. */
function untilTold(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => {
        resolve();
      });
  });
}

function tellFault(error: unknown): void {
  process.stderr.write(`rehome local: ${failureText(error)}\n`);
}

function fail(message: string): number {
  process.stderr.write(`rehome local: ${message}\n`);
  return EXIT_FAILED;
}

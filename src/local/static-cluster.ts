import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { at } from './free-network.ts';
import { staticConfig, type ClusterPlan, type ConfigDocument, type PodPlace } from './static-config.ts';
import { StaticPod } from './static-pod.ts';
import { until } from './until.ts';

/** What to start. */
export interface StaticClusterOptions {
  /** host:port of the callees. */
  callees: readonly string[];
  /** How many pods; three by default. */
  pods?: number;
  /** N in 127.0.N.11 and so on, where the pods listen. */
  network: number;
  shards?: number;
  /** Where SIGUSR1 opens the first pod's inspector; the next pods take the next ports. */
  inspectorPort?: number;
  /** Changes a pod's config document before it is written. */
  configure?: (config: ConfigDocument, place: PodPlace) => void;
}

const DEFAULT_PODS = 3;
const DEFAULT_SHARDS = 12;
const FIRST_HOST = 11;
const READY_WITHIN_MS = 20_000;
const PORTS = { public: 5060, internal: 5070, mesh: 7946, http: 9090 };

/** Pods in static mode as child processes on addresses of their own. */
export class StaticCluster {
  readonly pods: readonly StaticPod[];
  readonly #dir: string;
  readonly #stopAtExit: () => void;

  private constructor(pods: StaticPod[], dir: string) {
    this.pods = pods;
    this.#dir = dir;
    this.#stopAtExit = () => {
      for (const pod of pods) pod.signal('SIGKILL');
    };
    process.once('exit', this.#stopAtExit);
  }

  /** Writes the config files and starts all pods; resolves when each says that it is ready. */
  static async start(options: StaticClusterOptions): Promise<StaticCluster> {
    const places = Array.from({ length: options.pods ?? DEFAULT_PODS }, (_, index) =>
      placeOf(options.network, index),
    );
    const dir = mkdtempSync(join(tmpdir(), 'rehome-'));
    const { callees, shards = DEFAULT_SHARDS } = options;
    const plan: ClusterPlan = { name: 'edge', places, callees, shards, dataDir: dir };
    const pods = places.map((place, index) => {
      mkdirSync(join(dir, place.pod));
      const config = staticConfig(plan, place);
      options.configure?.(config, place);
      const file = join(dir, `${place.pod}.json`);
      writeFileSync(file, JSON.stringify(config, undefined, 2));
      return new StaticPod(
        place,
        { config: file, log: join(dir, `${place.pod}.log`) },
        nodeOptions(options, index),
      );
    });
    const cluster = new StaticCluster(pods, dir);
    for (const pod of pods) pod.start();
    try {
      await until(() => cluster.#firstReady(), READY_WITHIN_MS, 'all pods to be ready');
    } catch (error) {
      const tails = pods.map((pod) => `${pod.name}:\n${pod.logTail()}`).join('\n');
      await cluster.stop();
      throw new Error(`the pods did not become ready\n${tails}`, { cause: error });
    }
    return cluster;
  }

  /** Resolves when every running pod is ready. */
  async ready(): Promise<void> {
    await until(() => this.#allReady(), READY_WITHIN_MS, 'all running pods to be ready');
  }

  /** The pod of that name. */
  pod(name: string): StaticPod {
    const found = this.pods.find((pod) => pod.name === name);
    if (found === undefined) throw new Error(`no pod ${name}`);
    return found;
  }

  async #allReady(): Promise<boolean> {
    const running = this.pods.filter((pod) => pod.running);
    const answers = await Promise.all(running.map((pod) => pod.ready()));
    return answers.every(Boolean);
  }

  async #firstReady(): Promise<boolean> {
    const dead = this.pods.find((pod) => !pod.running);
    if (dead !== undefined) throw new Error(`${dead.name} ended`);
    return this.#allReady();
  }

  /** Ends all processes and removes what they wrote. */
  async stop(): Promise<void> {
    process.off('exit', this.#stopAtExit);
    await Promise.all(this.pods.map((pod) => pod.kill()));
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

function nodeOptions({ inspectorPort }: StaticClusterOptions, index: number): string {
  return inspectorPort === undefined ? '' : `--inspect-port=127.0.0.1:${String(inspectorPort + index)}`;
}

function placeOf(network: number, index: number): PodPlace {
  const host = FIRST_HOST + index;
  return {
    pod: `edge-${String(index)}`,
    public: at(network, host, PORTS.public),
    internal: at(network, host, PORTS.internal),
    mesh: at(network, host, PORTS.mesh),
    http: at(network, host, PORTS.http),
  };
}

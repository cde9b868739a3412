import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { createLogger, transports } from 'winston';
import type { MeshKey } from '../../../src/api/proxy-config.ts';
import { MeshNode, type MeshConfig, type ProgramEffect } from '../../../src/mesh/mesh-node.ts';
import type { MeshAddress } from '../../../src/mesh/links.ts';
import { VoterFile } from '../../../src/mesh/voter-file.ts';
import { ProxyMetrics } from '../../../src/proxy/metrics.ts';

const POLL_MS = 10;

/** A member's settings, and the folder of its voter file. */
export type TestConfig = MeshConfig & { readonly dataDir: string };

/** One member of a test cluster, with a program that keeps records in a map. */
export class TestPod {
  readonly name: string;
  readonly effects: ProgramEffect[] = [];
  readonly records: Map<string, string> = new Map<string, string>();
  readonly metrics: ProxyMetrics = new ProxyMetrics();
  readonly log: string[] = [];
  #node: MeshNode | undefined;

  constructor(name: string) {
    this.name = name;
  }

  get node(): MeshNode {
    if (this.#node === undefined) throw new Error(`${this.name} was not started`);
    return this.#node;
  }

  async start({ dataDir, ...config }: TestConfig): Promise<void> {
    const stream = new Writable({
      write: (line: Buffer, _encoding, done) => {
        this.log.push(line.toString());
        done();
      },
    });
    this.#node = await MeshNode.open({
      config,
      store: new VoterFile(join(dataDir, 'voter')),
      source: { read: (_tag, key) => this.#read(key) },
      onEffect: (effect) => {
        this.effects.push(effect);
        if (effect.kind === 'takenOver')
          for (const record of effect.records) this.#keep(record.key, record.bytes);
      },
      log: createLogger({ level: 'debug', transports: [new transports.Stream({ stream })] }),
      metrics: this.metrics,
      clock: { nowMs: () => performance.now() },
      random: Math.random,
    });
    await this.#node.start();
  }

  /** Effects of one kind so far. */
  seen<K extends ProgramEffect['kind']>(kind: K): Extract<ProgramEffect, { kind: K }>[] {
    return this.effects.filter(
      (effect): effect is Extract<ProgramEffect, { kind: K }> => effect.kind === kind,
    );
  }

  /** How often packets or connections were dropped for this reason. */
  async drops(reason: string): Promise<number> {
    const { values } = await this.metrics.drops.get();
    return values.find(({ labels }) => labels.reason === reason)?.value ?? 0;
  }

  #read(key: string): Uint8Array | undefined {
    const text = this.records.get(key);
    return text === undefined ? undefined : Buffer.from(text);
  }

  #keep(key: string, bytes: Uint8Array): void {
    this.records.set(key, Buffer.from(bytes).toString());
  }
}

/** A few members on 127.0.0.x with real sockets and files. */
export class TestCluster {
  readonly places: Map<string, MeshAddress> = new Map<string, MeshAddress>();
  readonly tags: readonly string[];
  readonly folder: string = mkdtempSync(join(tmpdir(), 'mesh-'));
  readonly running: Set<TestPod> = new Set<TestPod>();

  private constructor(tags: readonly string[]) {
    this.tags = tags;
  }

  static async create(pods: readonly string[], tags: readonly string[]): Promise<TestCluster> {
    const cluster = new TestCluster(tags);
    for (const [index, pod] of pods.entries()) {
      const address = `127.0.0.${String(21 + index)}`;
      cluster.places.set(pod, { address, port: await freePort(address) });
    }
    return cluster;
  }

  config(pod: string, change: Partial<MeshConfig> = {}): TestConfig {
    const bind = this.place(pod);
    return {
      cluster: 'edge',
      pod,
      dataDir: join(this.folder, pod),
      roster: {
        number: 1,
        members: [...this.places].map(([name, mesh]) => ({ pod: name, role: 'proxy', mesh })),
      },
      shards: this.tags,
      placement: {},
      mesh: { bind, keys: [TEST_KEY], probeIntervalMs: 100 },
      replication: { factor: 2, durability: 'acknowledged', protectTimeoutMs: 50 },
      failover: { suspectAfterMs: 1000, delayMs: 0, trustReset: true },
      ...change,
    };
  }

  place(pod: string): MeshAddress {
    const place = this.places.get(pod);
    if (place === undefined) throw new Error(`no pod ${pod}`);
    return place;
  }

  async start(config: TestConfig): Promise<TestPod> {
    const pod = new TestPod(config.pod);
    this.running.add(pod);
    await pod.start(config);
    return pod;
  }

  async stop(pod: TestPod): Promise<void> {
    this.running.delete(pod);
    await pod.node.stop();
  }

  async end(): Promise<void> {
    await Promise.all([...this.running].map((pod) => this.stop(pod)));
    rmSync(this.folder, { recursive: true });
  }
}

export const TEST_KEY: MeshKey = { id: 'k1', secret: 'a secret for the tests of the mesh' };

/** Waits until `found` gives something true; fails with `what` after `limitMs`. */
export async function until<T>(
  what: string,
  found: () => T | Promise<T>,
  limitMs = 15_000,
): Promise<NonNullable<T>> {
  const endMs = performance.now() + limitMs;
  for (;;) {
    const result = await found();
    if (result) return result;
    if (performance.now() > endMs) throw new Error(`not within ${String(limitMs)} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** A port that nobody uses at the moment. */
export async function freePort(address: string): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const { port } = server.address() as MeshAddress;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

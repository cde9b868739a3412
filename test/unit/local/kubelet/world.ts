import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeError } from '../../../../src/kube/api.ts';
import { PODS } from '../../../../src/kube/kinds.ts';
import type { Pod } from '../../../../src/kube/objects.ts';
import { follow } from '../../../../src/local/cluster/follow.ts';
import { ObjectCache } from '../../../../src/local/cluster/object-cache.ts';
import { Kubelet } from '../../../../src/local/kubelet/kubelet.ts';
import { PodAddresses } from '../../../../src/local/kubelet/pod-addresses.ts';
import type { Saying } from '../../../../src/local/kubelet/pod-world.ts';
import type {
  ProcessEnd,
  ProcessRunner,
  ProcessStart,
  RunningProcess,
} from '../../../../src/local/kubelet/process-runner.ts';
import { MemoryKubernetes } from '../../../../src/local/kubernetes/memory-api.ts';
import type { Clock } from '../../../../src/runtime/clock.ts';

const START_MS = Date.parse('2026-01-01T00:00:00Z');
const SETTLE_TURNS = 50;

/** Time that passes when a test says so. */
class ManualClock implements Clock {
  #nowMs = 0;
  #timers: { dueMs: number; callback: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): void {
    this.#timers.push({ dueMs: this.#nowMs + delayMs, callback });
  }

  /** Goes to the next timer that is due until `untilMs`; false if there is none. */
  step(untilMs: number): boolean {
    const next = this.#timers.filter(({ dueMs }) => dueMs <= untilMs).sort((a, b) => a.dueMs - b.dueMs)[0];
    this.#nowMs = Math.max(this.#nowMs, next?.dueMs ?? untilMs);
    if (next === undefined) return false;
    this.#timers = this.#timers.filter((each) => each !== next);
    next.callback();
    return true;
  }
}

/** A process that does only what a test tells it. */
export class FakeProcess implements RunningProcess {
  readonly pid: number;
  readonly start: ProcessStart;
  readonly signals: string[] = [];
  readonly #onEnd: (end: ProcessEnd) => void;

  constructor(pid: number, start: ProcessStart, onEnd: (end: ProcessEnd) => void) {
    this.pid = pid;
    this.start = start;
    this.#onEnd = onEnd;
  }

  signal(signal: NodeJS.Signals): void {
    this.signals.push(signal);
    if (signal === 'SIGKILL') this.end(137, 9);
  }

  end(exitCode: number, signal?: number): void {
    this.#onEnd(signal === undefined ? { exitCode } : { exitCode, signal });
  }
}

class FakeRunner implements ProcessRunner {
  readonly processes: FakeProcess[] = [];

  start(what: ProcessStart, onEnd: (end: ProcessEnd) => void): RunningProcess {
    const started = new FakeProcess(this.processes.length + 1, what, onEnd);
    this.processes.push(started);
    return started;
  }
}

/** An API that fails to delete as often as a test says. */
class FrailKubernetes extends MemoryKubernetes {
  failingDeletes = 0;

  override delete(...args: Parameters<MemoryKubernetes['delete']>): Promise<void> {
    if (this.failingDeletes === 0) return super.delete(...args);
    this.failingDeletes -= 1;
    return Promise.reject(new KubeError(0, 'Unreachable', 'connection refused'));
  }
}

/** A kubelet of one node on an API in memory, with processes, probes and time of the test's. */
export class KubeletWorld {
  readonly clock: ManualClock = new ManualClock();
  readonly runner: FakeRunner = new FakeRunner();
  readonly api: FrailKubernetes = new FrailKubernetes({
    nowMs: () => START_MS + this.clock.nowMs(),
    newUid: () => this.#uid(),
  });
  readonly said: Saying[] = [];
  readonly folder: string = mkdtempSync(join(tmpdir(), 'rehome-kubelet-'));
  readonly kubelet: Kubelet;
  /** What probes find, but for the paths below. */
  answersProbe = true;
  /** Paths of probes that find nothing. */
  readonly deaf: Set<string> = new Set();
  readonly #stop = new AbortController();
  #uids = 0;

  constructor() {
    const { api, clock, runner, folder, said } = this;
    this.kubelet = new Kubelet({
      api,
      clock,
      runner,
      folder,
      addresses: new PodAddresses(77),
      nodes: new Map([['node-0', '127.0.77.201']]),
      askProbe: (_address, _container, { httpGet }) =>
        Promise.resolve(this.answersProbe && !this.deaf.has(httpGet.path)),
      now: () => new Date(START_MS + clock.nowMs()).toISOString(),
      say: (_pod, what) => said.push(what),
      fault: (error) => {
        throw error;
      },
    });
    const cache = new ObjectCache<Pod>();
    void follow(api, PODS, { signal: this.#stop.signal }, (change) => {
      for (const gone of cache.take(change)) this.kubelet.remove(gone);
      if (change.type !== 'SEEN' && change.type !== 'DELETED') this.kubelet.take(change.object);
    });
  }

  /** Lets `ms` pass, and everything that follows from it. */
  async pass(ms: number): Promise<void> {
    const until = this.clock.nowMs() + ms;
    await this.settle();
    while (this.clock.step(until)) await this.settle();
  }

  /** Lets what was begun come to its end while time stands still. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < SETTLE_TURNS; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Makes a pod on the node and lets the kubelet see it. */
  async create(spec: Partial<Pod['spec']> = {}, name = 'edge-0'): Promise<void> {
    const container = { name: 'proxy', image: 'rehome', command: ['rehome', 'proxy'] };
    await this.api.create(PODS, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default' },
      spec: { nodeName: 'node-0', containers: [container], ...spec },
    });
    await this.settle();
  }

  async pod(name = 'edge-0'): Promise<Pod> {
    return this.api.get(PODS, { namespace: 'default', name });
  }

  async status(): Promise<NonNullable<Pod['status']>> {
    return (await this.pod()).status ?? {};
  }

  /** The process that was started last. */
  get process(): FakeProcess {
    const last = this.runner.processes.at(-1);
    if (last === undefined) throw new Error('no process was started');
    return last;
  }

  close(): void {
    this.#stop.abort();
    rmSync(this.folder, { recursive: true });
  }

  #uid(): string {
    this.#uids += 1;
    return `uid-${this.#uids}`;
  }
}

import {
  parseManifest,
  applyObject,
  inNamespace,
  kindOfObject,
} from '../../../src/local/cluster/manifest.ts';
import { MemoryKubernetes } from '../../../src/local/kubernetes/memory-api.ts';
import { KubeError, type ObjectRef } from '../../../src/kube/api.ts';
import type { ConsoleContext, ProcessSignal } from '../../../src/console/console-context.ts';
import type { KubeObject } from '../../../src/api/object-type.ts';
import type { Ran } from './fake-pod.ts';

const START_MS = Date.parse('2026-01-01T12:00:00Z');

/** A cluster in memory that commands run against; time passes only while a command waits. */
export class TestCluster {
  nowMs: number = START_MS;
  readonly api: MemoryKubernetes;
  readonly signals: (ObjectRef & { signal: ProcessSignal })[] = [];
  /** Called each time that a command waits. */
  onPause: () => Promise<void> = () => Promise.resolve();
  readonly #interrupt = new AbortController();
  #uids = 0;

  constructor() {
    this.api = new MemoryKubernetes({
      nowMs: () => this.nowMs,
      newUid: () => `uid-${(this.#uids += 1)}`,
    });
  }

  /** Applies a text of YAML documents. */
  async apply(text: string): Promise<void> {
    for (const object of parseManifest(text, 'test')) {
      const kind = kindOfObject(object);
      if (kind === undefined) throw new Error(`no kind ${object.kind}`);
      await applyObject(this.api, kind, inNamespace(object, kind, 'default'));
    }
  }

  /** Writes the status of an object. */
  async setStatus(object: KubeObject, status: unknown): Promise<void> {
    const kind = kindOfObject(object);
    if (kind === undefined) throw new Error(`no kind ${object.kind}`);
    const { name, namespace = '' } = object.metadata;
    await this.api.patch(kind, { name, namespace }, [{ op: 'add', path: '/status', value: status }], {
      subresource: 'status',
    });
  }

  /** As a Ctrl-C. */
  interrupt(): void {
    this.#interrupt.abort();
  }

  /** Runs a command to its end. */
  async run(
    command: (argv: string[], context: ConsoleContext) => Promise<number>,
    ...argv: string[]
  ): Promise<Ran> {
    const ran: Ran = { code: -1, stdout: '', stderr: '' };
    const sink = (name: 'stdout' | 'stderr'): { write(text: string): void } => ({
      write: (text) => {
        ran[name] += text;
      },
    });
    ran.code = await command(argv, {
      stdout: sink('stdout'),
      stderr: sink('stderr'),
      nowMs: () => this.nowMs,
      interrupted: this.#interrupt.signal,
      pause: async (ms) => {
        this.nowMs += ms;
        await this.onPause();
      },
      connect: () => ({
        api: this.api,
        logFile: (uid) => `/nowhere/${uid}`,
        signal: (pod, signal) => {
          if (pod.name === 'idle')
            return Promise.reject(new KubeError(409, 'Conflict', 'pod "idle" has no process'));
          this.signals.push({ ...pod, signal });
          return Promise.resolve(4711);
        },
      }),
    });
    return ran;
  }
}

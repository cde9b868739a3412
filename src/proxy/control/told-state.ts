import { parseControlState } from '../../api/control-checks.ts';
import type { ControlState } from '../../api/control.ts';
import type { ProxyConfig } from '../../api/proxy-config.ts';
import type { VoterStore } from '../../mesh/voter-store.ts';
import { withTold } from '../advertised.ts';
import type { Logger } from '../../runtime/logger.ts';

/** The part of a state that a pod cannot carry calls without. */
type Told = Pick<ControlState, 'tags' | 'routes' | 'targets' | 'rehoming' | 'addresses'>;

/**
 * What an operator told a pod last, kept for a restart of its process: without the tags the pod would refuse calls that others
 * carry, and no operator may be there to tell it again (promise 5).
 */
export class ToldState {
  readonly #store: VoterStore;
  readonly #log: Logger;
  #kept = '';
  #waiting: string | undefined;
  #writing: Promise<void> | undefined;

  constructor(store: VoterStore, log: Logger) {
    this.#store = store;
    this.#log = log;
  }

  /** What was told last; undefined if nothing was, or if it cannot be read. */
  async read(): Promise<Told | undefined> {
    try {
      const bytes = await this.#store.read();
      return bytes === undefined ? undefined : stateIn(bytes);
    } catch (error) {
      this.#warn('what the operator told last cannot be read: the pod waits until it is told again', error);
      return undefined;
    }
  }

  /** Writes a state if it says anything new; of those that come meanwhile, the newest follows. */
  save(state: ControlState): void {
    const { tags, routes, targets, rehoming, addresses } = state;
    const told = JSON.stringify({ tags, routes, targets, rehoming, addresses });
    if (told === this.#kept) return;
    this.#kept = told;
    this.#waiting = JSON.stringify({ ...state, handOver: [] });
    this.#writing ??= this.#writeAll();
  }

  /** Waits for the writes under way. */
  async close(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting !== undefined) {
      const text = this.#waiting;
      this.#waiting = undefined;
      try {
        await this.#store.write(Buffer.from(text));
      } catch (error) {
        this.#kept = '';
        this.#warn('what the operator told cannot be kept for a restart', error);
      }
    }
    this.#writing = undefined;
  }

  #warn(message: string, error: unknown): void {
    this.#log.warn(message, { code: 'TOLD_STATE', error: String(error) });
  }
}

/** The config of a pod that goes on as it was told last. */
export function asTold(config: ProxyConfig, told: Told | undefined): ProxyConfig {
  if (told === undefined) return config;
  const { tags, routes, targets, rehoming, addresses = {} } = told;
  const grouped = tags.filter(({ group }) => group !== '');
  return {
    ...config,
    shards: tags.map(({ tag }) => tag),
    shardGroups: Object.fromEntries(grouped.map(({ tag, group }) => [tag, group])),
    ...{ routes, targets, rehoming },
    listeners: withTold(config.listeners, addresses),
  };
}

/** Throws if it is no state. */
function stateIn(bytes: Uint8Array): Told {
  const parsed = parseControlState(JSON.parse(Buffer.from(bytes).toString()));
  if (parsed.ok) return parsed.value;
  throw new Error(parsed.problems.map(({ path, message }) => `${path}: ${message}`).join('; '));
}

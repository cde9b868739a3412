import type { Pod } from '../../src/kube/objects.ts';
import type { RunLedger } from '../../src/local/phones-program/run-type.ts';
import { pause, until } from '../../src/local/until.ts';
import { failureText } from '../../src/runtime/failure-text.ts';
import type { E2eCluster } from './e2e-cluster.ts';
import { faultsOf, isAt, type Death } from './verdict.ts';

/** What calls there are in a scene. */
export interface SceneOptions {
  /** Calls that last as long as the scene. */
  calls?: number;
  /** New calls each second, each of which is hung up after some seconds; 0 for none. */
  freshPerSecond?: number;
  transport?: 'UDP' | 'TCP';
}

const CALLS_PER_SECOND = 40;
const FRESH_HOLD_MS = 3000;
const UP_WITHIN_MS = 60_000;
/** A roll of three pods takes two minutes: each relays for half a minute after it is empty. */
const MOVED_WITHIN_MS = 300_000;
/** From three pods on nobody is asked: a dead pod is known within seconds, and its calls are told at once. */
const TAKEN_OVER_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 1000;
/** Talk before and after what happens. */
const TALKS_MS = 3000;
const SHOWN_OF_A_KIND = 3;

let scenes = 0;

/** Calls that talk while something is done to their cluster. */
export class Scene {
  readonly cluster: E2eCluster;
  readonly #deaths: Death[] = [];
  readonly #runs: string[];
  readonly #held: string;
  #aheadMs = 0;

  private constructor(cluster: E2eCluster, held: string, runs: string[]) {
    this.cluster = cluster;
    this.#held = held;
    this.#runs = runs;
  }

  /** Sets the calls up, by the Service of the cluster. */
  static async open(cluster: E2eCluster, options: SceneOptions = {}): Promise<Scene> {
    const { calls = 60, freshPerSecond = 5, transport = 'UDP' } = options;
    scenes += 1;
    const [held, fresh] = [`held${scenes}`, `fresh${scenes}`];
    const through = [await cluster.entrance()];
    const shared = { through, transport, sockets: 24 };
    await cluster.phones.place({ ...shared, name: held, count: calls, perSecond: CALLS_PER_SECOND });
    const scene = new Scene(cluster, held, freshPerSecond > 0 ? [held, fresh] : [held]);
    await scene.#untilUp(calls);
    if (freshPerSecond > 0)
      await cluster.phones.place({
        ...{ ...shared, name: fresh, count: 0 },
        ...{ perSecond: freshPerSecond, holdMs: FRESH_HOLD_MS },
      });
    await pause(TALKS_MS);
    return scene;
  }

  /** Pods are about to be killed, or to stand still: what is sent to them is lost. Rejects if there are no calls on them. */
  async noteDeath(...pods: Pod[]): Promise<void> {
    if ((await this.#endsAt(pods)) === 0) throw new Error('there are no calls on what is to die');
    const atMs = Date.now() + this.#aheadMs;
    this.#deaths.push(...pods.map(({ status }) => ({ atMs, address: status?.podIP ?? '' })));
  }

  /** The pods that stood still go on. */
  noteRevival(): void {
    for (const death of this.#deaths) death.overMs ??= Date.now() + this.#aheadMs;
  }

  /** The calls that last, as they are now. */
  ledger(): Promise<RunLedger> {
    return this.cluster.phones.ledger(this.#held);
  }

  /** Waits until no end of a lasting call sends to one of these pods. */
  async untilAway(pods: readonly Pod[], withinMs: number = MOVED_WITHIN_MS): Promise<void> {
    await this.#until(async () => (await this.#endsAt(pods)) === 0, withinMs, 'calls to be moved');
  }

  /** The same for pods that are dead, which takes no leave and no pace. */
  untilTakenOver(pods: readonly Pod[]): Promise<void> {
    return this.untilAway(pods, TAKEN_OVER_WITHIN_MS);
  }

  /** Ends all calls, and tells what went wrong in them, in words. */
  async close(): Promise<{ faults: string[]; ledgers: RunLedger[] }> {
    await pause(TALKS_MS);
    const ledgers = await Promise.all(this.#runs.map((run) => this.cluster.phones.hangUp(run)));
    const faults = ledgers.flatMap((ledger) => faultsOf(ledger, this.#deaths));
    return { faults, ledgers };
  }

  /** How many ends of lasting calls send to one of these pods. */
  async #endsAt(pods: readonly Pod[]): Promise<number> {
    const { contacts } = await this.cluster.phones.contacts(this.#held);
    return Object.entries(contacts)
      .filter(([place]) => pods.some(({ status }) => isAt(place, status?.podIP ?? '')))
      .reduce((sum, [, ends]) => sum + ends, 0);
  }

  async #untilUp(calls: number): Promise<void> {
    await this.#until(
      async () => {
        const ledger = await this.ledger();
        this.#aheadMs = ledger.nowMs - Date.now();
        if (ledger.failed > 0) throw new Error(`calls were not set up: ${faultsOf(ledger).join('\n')}`);
        return ledger.up === calls;
      },
      UP_WITHIN_MS,
      `${calls} calls to be up`,
    );
  }

  async #until(condition: () => Promise<boolean>, timeoutMs: number, what: string): Promise<void> {
    await until(
      async () => (await condition()) || (await pause(LOOK_EVERY_MS), false),
      timeoutMs,
      what,
    ).catch(async (error: unknown) => {
      throw new Error(`${String(error)}\n${await this.cluster.story()}`, { cause: error });
    });
  }
}

/** Calls talk while something is done; what went wrong in them, in words, some of each kind. */
export async function faultsWhile(
  cluster: E2eCluster,
  options: SceneOptions,
  act: (scene: Scene) => Promise<void>,
): Promise<string[]> {
  const scene = await Scene.open(cluster, options);
  const acted = await act(scene).then(
    () => undefined,
    (error: unknown) => failureText(error),
  );
  const { faults } = await scene.close();
  if (acted !== undefined) throw new Error(`${acted}\n${digestOf(faults).join('\n')}`);
  return digestOf(faults);
}

/** Some faults of each kind, with how many more there are. */
function digestOf(faults: readonly string[]): string[] {
  const kinds = Map.groupBy(faults, (fault) => fault.replaceAll(/\S*\d\S*/g, '#'));
  return [...kinds.values()].flatMap((same) =>
    same.length <= SHOWN_OF_A_KIND
      ? same
      : [...same.slice(0, SHOWN_OF_A_KIND), `… and ${same.length - SHOWN_OF_A_KIND} more like these`],
  );
}

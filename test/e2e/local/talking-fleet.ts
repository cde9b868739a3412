import type { DialogShard } from '../../../src/api/dialog-shard-type.ts';
import type { Pod } from '../../../src/kube/objects.ts';
import { isAt, useCall, type DemoCalls } from '../../../src/local/demo-calls.ts';
import { DeadPods } from '../../../src/local/demo-excuse.ts';
import {
  look,
  ownedBy,
  podAt,
  stayingPods,
  untilSettled,
  type DemoView,
  type ViewSource,
} from '../../../src/local/demo-view.ts';
import { Talk, TALK_ENDS, type TalkCall } from '../../../src/local/talk.ts';
import { TalkLedger } from '../../../src/local/talk-ledger.ts';
import { pause, until } from '../../../src/local/until.ts';
import { wallClockMs } from '../../../src/local/wall-clock.ts';

export const PUBLIC_PORT = 5060;
const SETTLES_WITHIN_MS = 90_000;
const MOVED_WITHIN_MS = 60_000;
const LAST_ANSWERS_MS = 5000;
/** What is sent after the last change still belongs to the scene. */
const TALKS_ON_MS = 2000;
const CALLS_PER_SECOND = 100;

const WAITED = /had to be repeated \d+ times$/;

/** The pods of a SipCluster with calls through them that talk, and a ledger of all that the phones said. */
export class TalkingFleet {
  readonly phones: DemoCalls;
  readonly #source: ViewSource;
  #deaths = 0;
  readonly #dead = new DeadPods();

  constructor(source: ViewSource, phones: DemoCalls) {
    this.#source = source;
    this.phones = phones;
  }

  /** Waits until so many pods are ready and own tags, and nothing moves. */
  settled(replicas: number, withinMs: number = SETTLES_WITHIN_MS): Promise<DemoView> {
    return untilSettled(this.#source, replicas, withinMs);
  }

  look(): Promise<DemoView> {
    return look(this.#source);
  }

  /** The pods that stay. */
  async pods(): Promise<Pod[]> {
    return stayingPods(await this.look());
  }

  async pod(name: string): Promise<Pod> {
    const found = (await this.pods()).find(({ metadata }) => metadata.name === name);
    if (found === undefined) throw new Error(`there is no pod ${name}`);
    return found;
  }

  /** Sets up calls through the pods that there are, in turn. */
  async hold(count: number, pods?: readonly Pod[]): Promise<TalkCall[]> {
    const through = (pods ?? (await this.pods())).map((pod) => podAt(pod, PUBLIC_PORT));
    return this.phones.place(count, { through, perSecond: CALLS_PER_SECOND });
  }

  /** The tags of a pod. */
  async tagsOf(pod: string): Promise<DialogShard[]> {
    return ownedBy(await this.look(), pod);
  }

  /** Waits until the ends of all calls were shown a pod that is none of these. */
  async untilAway(calls: readonly TalkCall[], pods: readonly Pod[]): Promise<void> {
    const old = addressesOf(pods);
    const left = (): TalkCall[] =>
      calls.filter((call) => TALK_ENDS.some((end) => old.has(call[end].farContact.split(':')[0] ?? '')));
    await until(() => left().length === 0, MOVED_WITHIN_MS, 'calls to be moved').catch((error: unknown) => {
      throw new Error(`${String(error)}; ${left().length} of ${calls.length} are left`, { cause: error });
    });
  }

  /** Calls of which both ends were shown one of these pods last. */
  at(calls: readonly TalkCall[], pods: readonly Pod[]): TalkCall[] {
    const addresses = addressesOf(pods);
    return calls.filter((call) => isAt(call, addresses));
  }

  /** A pod that carries these calls is about to be killed: what is sent to it is lost. */
  noteDeath(calls: readonly TalkCall[]): void {
    this.#deaths++;
    this.#dead.note(wallClockMs(), calls);
  }

  /**
   * All calls talk while something is done, and some seconds after; what went wrong in them, in words. A death is waited
   * for by whoever has asked for something then: how often it is repeated says how busy this machine is.
   */
  async faultsWhile(calls: readonly TalkCall[], act: () => Promise<void>): Promise<string[]> {
    const talk = new Talk(calls);
    const deathsBefore = this.#deaths;
    try {
      await act();
      await pause(TALKS_ON_MS);
    } finally {
      await talk.stop(LAST_ANSWERS_MS);
    }
    const ledger = new TalkLedger(talk, this.#dead.excuse);
    const silent = talk.calls.filter((call) =>
      TALK_ENDS.some((end) => talk.requests(call[end]).length === 0),
    );
    const faults = ledger.faults().filter((fault) => this.#deaths === deathsBefore || !WAITED.test(fault));
    return [...faults, ...silent.map(({ caller }) => `${caller.name} said nothing`)];
  }

  /** Holds every call from one end and hangs it up from the other; what went wrong, in words. */
  async useAll(calls: readonly TalkCall[]): Promise<string[]> {
    const faults: string[] = [];
    for (const [index, call] of calls.entries()) faults.push(...(await useCall(call, index % 2 === 0)));
    return faults;
  }
}

function addressesOf(pods: readonly Pod[]): Set<string> {
  return new Set(pods.map((pod) => podAt(pod, PUBLIC_PORT).address));
}

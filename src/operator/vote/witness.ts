import { setTimeout } from 'node:timers/promises';
import { BackOff } from '../../mesh/back-off.ts';
import type { ControlPeer, ControlRoster, ControlTag } from '../../api/control.ts';
import type { MeshKey } from '../../api/proxy-config-type.ts';
import type { Logger } from '../../runtime/logger.ts';

/** After a vote that another operator overtook. */
const REOPEN_PAUSE_MS = 500;
/** The longest pause between attempts to open: what is wrong may be so until a person mends it. */
const LONGEST_PAUSE_MS = 10_000;

/** The part of a mesh node that a witness uses. */
export interface WitnessNode {
  start(): Promise<void>;
  stop(): Promise<void>;
  adoptRoster(roster: ControlRoster): void;
  /** Streams that are up stay. */
  setKeys(keys: readonly MeshKey[]): void;
  setPeers(peers: readonly ControlPeer[]): void;
  setTags(tags: readonly ControlTag[]): void;
  /** The number of the roster that it is on, and the highest epoch per tag that it granted or may not grant. */
  vote(): WitnessVote;
}

export interface WitnessVote {
  rosterNumber: number;
  granted: Record<string, number>;
}

/** What the operator votes on in one cluster. */
export interface WitnessState {
  roster: ControlRoster;
  peers: ControlPeer[];
  tags: ControlTag[];
  keys: readonly MeshKey[];
  suspectAfterMs: number;
  trustReset: boolean;
}

/** What a witness is made of. */
export interface WitnessParts {
  /** Reads all that was voted before, and makes a node of it; `onConflict` says that it must be read anew. */
  readonly open: (state: WitnessState, onConflict: () => void) => Promise<WitnessNode>;
  /** The vote can be read by the plan, or not any more. */
  readonly onChange: () => void;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
}

/** The operator as the third voter of one cluster: opened from what it voted before, and again whenever that is not all. */
export class Witness {
  readonly #parts: WitnessParts;
  readonly #backOff: BackOff;
  #wanted: WitnessState | undefined;
  #open: { node: WitnessNode; settings: string } | undefined;
  #isStale = false;
  #isSettling = false;
  #settled: Promise<void> = Promise.resolve();
  /** Aborted while nothing is wanted: pauses end then. */
  #unwanted = new AbortController();

  constructor(parts: WitnessParts) {
    this.#parts = parts;
    this.#backOff = new BackOff(parts.random);
  }

  get vote(): WitnessVote | undefined {
    return this.#open?.node.vote();
  }

  /** Votes on this from now on; not at all with undefined. */
  set(wanted: WitnessState | undefined): void {
    this.#wanted = wanted;
    if (wanted === undefined) this.#unwanted.abort();
    else if (this.#unwanted.signal.aborted) this.#unwanted = new AbortController();
    if (this.#open !== undefined && wanted !== undefined && !this.#mustReopen(wanted))
      tell(this.#open.node, wanted);
    else this.#settle();
  }

  /** Resolves when it has left the mesh. */
  async stop(): Promise<void> {
    this.set(undefined);
    await this.#settled;
  }

  #settle(): void {
    if (this.#isSettling) return;
    this.#isSettling = true;
    this.#settled = this.#openWhatIsWanted();
  }

  async #openWhatIsWanted(): Promise<void> {
    while (this.#wanted !== undefined || this.#open !== undefined) {
      const wanted = this.#wanted;
      if (this.#open !== undefined && (wanted === undefined || this.#mustReopen(wanted))) await this.#leave();
      else if (this.#open === undefined && wanted !== undefined) await this.#join(wanted);
      else break;
    }
    this.#isSettling = false;
  }

  async #join(wanted: WitnessState): Promise<void> {
    const { onChange, log } = this.#parts;
    try {
      this.#isStale = false;
      const node = await this.#openNode(wanted);
      this.#open = { node, settings: settingsOf(wanted) };
      this.#backOff.reset();
      tell(node, this.#wanted ?? wanted);
      onChange();
    } catch (error) {
      log.warn('cannot vote', { code: 'VOTE_OPEN', error: String(error) });
      await this.#pause(this.#backOff.next(LONGEST_PAUSE_MS));
    }
  }

  /** A node that is in the mesh; one that cannot join leaves nothing open. */
  async #openNode(wanted: WitnessState): Promise<WitnessNode> {
    const node = await this.#parts.open(wanted, () => {
      this.#isStale = true;
      this.#settle();
    });
    try {
      await node.start();
      return node;
    } catch (error) {
      await node.stop();
      throw error;
    }
  }

  async #leave(): Promise<void> {
    const node = this.#open?.node;
    this.#open = undefined;
    this.#parts.onChange();
    await node?.stop();
    if (this.#isStale) await this.#pause(REOPEN_PAUSE_MS);
  }

  async #pause(ms: number): Promise<void> {
    const { signal } = this.#unwanted;
    await setTimeout(ms, undefined, { ref: false, signal }).catch(() => undefined);
  }

  #mustReopen(wanted: WitnessState): boolean {
    return this.#isStale || settingsOf(wanted) !== this.#open?.settings;
  }
}

function tell(node: WitnessNode, { roster, peers, tags, keys }: WitnessState): void {
  node.setKeys(keys);
  node.setPeers(peers);
  node.setTags(tags);
  node.adoptRoster(roster);
}

/** What a node cannot change while it is open. */
function settingsOf({ suspectAfterMs, trustReset }: WitnessState): string {
  return JSON.stringify([suspectAfterMs, trustReset]);
}

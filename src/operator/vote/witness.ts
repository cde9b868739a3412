import { setTimeout } from 'node:timers/promises';
import type { ControlPeer, ControlRoster, ControlTag } from '../../api/control.ts';
import type { MeshKey } from '../../api/proxy-config-type.ts';
import type { Logger } from '../../runtime/logger.ts';

/** After an attempt to open that failed, or a vote that another operator overtook. */
const REOPEN_PAUSE_MS = 500;

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
  readonly log: Logger;
}

/** The operator as the third voter of one cluster: opened from what it voted before, and again whenever that is not all. */
export class Witness {
  readonly #parts: WitnessParts;
  #wanted: WitnessState | undefined;
  #open: { node: WitnessNode; settings: string } | undefined;
  #isStale = false;
  #isSettling = false;
  #settled: Promise<void> = Promise.resolve();

  constructor(parts: WitnessParts) {
    this.#parts = parts;
  }

  get vote(): WitnessVote | undefined {
    return this.#open?.node.vote();
  }

  /** Votes on this from now on; not at all with undefined. */
  set(wanted: WitnessState | undefined): void {
    this.#wanted = wanted;
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
    const settings = settingsOf(wanted);
    try {
      this.#isStale = false;
      const node = await this.#parts.open(wanted, () => {
        this.#isStale = true;
        this.#settle();
      });
      await node.start();
      this.#open = { node, settings };
      tell(node, this.#wanted ?? wanted);
      this.#parts.onChange();
    } catch (error) {
      this.#parts.log.warn('cannot vote', { code: 'VOTE_OPEN', error: String(error) });
      await setTimeout(REOPEN_PAUSE_MS, undefined, { ref: false });
    }
  }

  async #leave(): Promise<void> {
    const node = this.#open?.node;
    this.#open = undefined;
    this.#parts.onChange();
    await node?.stop();
    if (this.#isStale) await setTimeout(REOPEN_PAUSE_MS, undefined, { ref: false });
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

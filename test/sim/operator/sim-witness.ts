import { decodeVoterFile } from '../../../src/gossip/index.ts';
import type { PeerConfig, RosterConfig } from '../../../src/gossip/index.ts';
import type { SimNode } from '../node.ts';
import type { World } from '../world.ts';
import type { SimObjects } from './objects.ts';

const ANSWER_MS: [number, number] = [2, 30];
const RETRY_MS = 300;

/** What may befall a write: it is made and answered, refused by a fault, or made with the answer lost. */
export type WriteFate = 'made' | 'lost' | 'unanswered';

/** The operator's voter: a member of the mesh whose memory is an object of the API, written by compare-and-swap. */
export class SimWitness {
  readonly node: SimNode;
  readonly #world: World;
  readonly #objects: SimObjects;
  readonly #fate: () => WriteFate;
  readonly #mayAnswer: () => boolean;
  /** The version of the memory that this process built on. */
  #version = 0;
  /** One write is under way at a time; what comes meanwhile waits, the newest only. */
  #writing = false;
  #waiting: { bytes: Uint8Array; saved: () => void } | undefined;
  #open = false;

  constructor(
    parts: { world: World; objects: SimObjects; fate: () => WriteFate; mayAnswer: () => boolean },
    place: { address: string; pod: string },
  ) {
    this.#world = parts.world;
    this.#objects = parts.objects;
    this.#fate = parts.fate;
    this.#mayAnswer = parts.mayAnswer;
    this.node = parts.world.add(
      place.address,
      {
        ...{ roster: { number: 0, members: [] }, tags: [], replicationFactor: 2 },
        ...{ suspectAfterMs: 1000, probeIntervalMs: 100 },
      },
      {
        ...{ pod: place.pod, role: 'witness' },
        store: (bytes, saved) => {
          this.#waiting = { bytes, saved };
          this.#next();
        },
      },
    );
  }

  /** Opens it with what the object says, which counts as a start. */
  open(): void {
    const { bytes, version } = this.#objects.vote;
    this.#version = version;
    this.node.disk = bytes;
    this.#open = true;
    this.#writing = false;
    this.#waiting = undefined;
    this.node.start();
  }

  close(): void {
    this.#open = false;
    this.node.crash(true);
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** Whoever leads no more answers nothing; it may not even know. */
  review(): void {
    if (this.#open && !this.#mayAnswer()) this.node.pause();
    else if (this.#open && this.node.paused) {
      this.close();
      this.open();
    }
  }

  tell(peers: readonly PeerConfig[], roster: RosterConfig | undefined): void {
    if (this.node.running)
      this.node.call((mesh, nowMs) => {
        mesh.setPeers(peers, nowMs);
        if (roster !== undefined) mesh.adoptRoster(roster, nowMs);
      });
  }

  /** Roster number and grants, as its memory has them. */
  get vote(): { rosterNumber: number; granted: Record<string, number> } | undefined {
    const report = this.node.running ? this.node.mesh?.report(this.node.clockMs) : undefined;
    return report && { rosterNumber: report.roster.number, granted: Object.fromEntries(report.granted) };
  }

  #next(): void {
    if (this.#writing || this.#waiting === undefined) return;
    const { bytes, saved } = this.#waiting;
    this.#waiting = undefined;
    this.#writing = true;
    this.#write(bytes, this.node.process, () => {
      this.#writing = false;
      saved();
      this.#next();
    });
  }

  #write(bytes: Uint8Array, process: number, saved: () => void): void {
    this.#world.network.after(this.#world.network.between(ANSWER_MS), () => {
      if (this.node.process !== process || !this.#open) return;
      const fate = this.#mayAnswer() ? this.#fate() : 'lost';
      if (fate !== 'lost' && !this.#swap(bytes)) {
        // Somebody else has voted: this voter knows less than the object does.
        this.close();
        this.open();
        return;
      }
      if (fate === 'made') saved();
      else this.#again(bytes, process, saved);
    });
  }

  /** The answer was lost: whether the write was made is found out by reading. */
  #again(bytes: Uint8Array, process: number, saved: () => void): void {
    this.#world.network.after(RETRY_MS, () => {
      if (this.node.process !== process) return;
      if (this.#objects.vote.bytes === bytes && this.#mayAnswer()) saved();
      else this.#write(bytes, process, saved);
    });
  }

  #swap(bytes: Uint8Array): boolean {
    const { vote } = this.#objects;
    if (vote.bytes === bytes) return true;
    if (vote.version !== this.#version) return false;
    refuseLess(vote.bytes, bytes);
    this.#version++;
    this.#objects.vote = { bytes, version: this.#version };
    return true;
  }
}

/** Votes only grow. */
function refuseLess(before: Uint8Array | undefined, after: Uint8Array): void {
  const next = new Map(decodeVoterFile(after)?.grants.map(({ tag, epoch }) => [tag, epoch]));
  for (const { tag, epoch } of (before && decodeVoterFile(before)?.grants) ?? [])
    if ((next.get(tag) ?? 0) < epoch) throw new Error(`the vote for ${tag} went back from ${String(epoch)}`);
}

import type { MeshCore } from './core.ts';
import type { TagState } from './tag-state.ts';
import type { StoredRoster, TagGrant, VoterState } from './voter-file.ts';
import { encodeVoterFile } from './voter-file.ts';
import type { Owner } from './owner.ts';

/** Random digits of a voter id: each draw gives five of base 36. */
const VOTER_ID_DRAWS = 5;

/** What this process as a voter has promised; every promise is on disk before the answer that it backs leaves. */
export class Voter {
  readonly voterId: string;
  /** Made at this start: it knows nothing of what an older file under its name may have granted. */
  readonly fresh: boolean;
  readonly #core: MeshCore;
  readonly #grants = new Map<string, Owner>();
  readonly #floor = new Map<string, number>();
  #dirty: boolean;
  #token = 0;
  #savedToken = 0;
  #waiting: (() => void)[] = [];
  #writing: { token: number; run: (() => void)[] }[] = [];

  constructor(core: MeshCore, stored: VoterState | undefined) {
    this.#core = core;
    this.fresh = stored === undefined;
    this.#dirty = stored === undefined;
    this.voterId = stored?.voterId ?? newVoterId(core.random);
    for (const { tag, ...owner } of stored?.grants ?? []) this.#grants.set(tag, owner);
    for (const { tag, epoch } of stored?.floor ?? []) this.#floor.set(tag, epoch);
  }

  granted(tag: string): Owner | undefined {
    return this.#grants.get(tag);
  }

  floor(tag: string): number {
    return this.#floor.get(tag) ?? 0;
  }

  /** Highest epoch per tag that this voter granted or may not grant any more. */
  highest(): Map<string, number> {
    const highest = new Map(this.#floor);
    for (const [tag, grant] of this.#grants) highest.set(tag, Math.max(grant.epoch, highest.get(tag) ?? 0));
    return highest;
  }

  /** Nothing at or below these epochs is granted from now on. */
  raiseFloor(floor: Iterable<readonly [string, number]>): void {
    for (const [tag, epoch] of floor) {
      if (epoch <= this.floor(tag)) continue;
      this.#floor.set(tag, epoch);
      this.#dirty = true;
    }
  }

  /** Grants `owner.epoch` of the tag; the caller has judged it. */
  grant(state: TagState, owner: Owner): void {
    const held = this.#grants.get(state.tag);
    if (held?.epoch === owner.epoch) return;
    this.#grants.set(state.tag, owner);
    this.#dirty = true;
  }

  /** Something else in the file has changed. */
  touch(): void {
    this.#dirty = true;
  }

  /** Runs `run` once everything promised so far is on disk: at once if it is. */
  whenSaved(run: () => void): void {
    if (this.#dirty) this.#waiting.push(run);
    else if (this.#savedToken < this.#token) this.#writing.push({ token: this.#token, run: [run] });
    else run();
  }

  /** Emits the `save` effect for what has changed. */
  flush(roster: StoredRoster): void {
    if (!this.#dirty) return;
    this.#dirty = false;
    this.#token++;
    this.#writing.push({ token: this.#token, run: this.#waiting });
    this.#waiting = [];
    const bytes = encodeVoterFile({
      voterId: this.voterId,
      roster,
      grants: [...this.#grants].map(([tag, owner]): TagGrant => ({ tag, ...owner })),
      floor: [...this.#floor].map(([tag, epoch]) => ({ tag, epoch })),
    });
    this.#core.emit({ kind: 'save', token: this.#token, bytes });
  }

  /** The file of that token, or a later one, is on disk. */
  saved(token: number): void {
    this.#savedToken = Math.max(this.#savedToken, Math.min(token, this.#token));
    const done = this.#writing.filter((entry) => entry.token <= this.#savedToken);
    this.#writing = this.#writing.filter((entry) => entry.token > this.#savedToken);
    for (const { run } of done) for (const step of run) step();
  }
}

function newVoterId(random: () => number): string {
  let id = '';
  for (let draw = 0; draw < VOTER_ID_DRAWS; draw++)
    id += Math.floor(random() * 36 ** 5)
      .toString(36)
      .padStart(5, '0');
  return id;
}

import type { MeshCore } from './core.ts';
import type { Peer } from './peer.ts';
import type { Directory } from './directory.ts';
import { hashText } from './digest.ts';
import type { RosterFrame, TagEpoch } from './message.ts';
import type { Member, RosterConfig } from './options.ts';
import type { StoredMember, StoredRoster, VoterState } from './voter-file.ts';
import type { Voter } from './voter.ts';

/** The list of voters in force, and which voter id stands for each name (OWNERSHIP 7). */
export class Roster {
  readonly #core: MeshCore;
  readonly #voter: Voter;
  readonly #directory: Directory;
  #stored: StoredRoster;
  /** Written first, used once it is on disk. */
  #next: StoredRoster | undefined;
  /** Whether the own bindings below are on disk. */
  #bound = new Set<string>();
  /** The last roster frame of each peer. */
  readonly #said = new Map<string, RosterFrame>();
  #digest = 0;
  /** `isVoter`'s answers, until what they rest on changes. */
  #electorate: ReadonlyMap<string, string> | undefined;
  /** When this process took the roster in force into use. */
  adoptedAtMs: number;

  constructor(parts: { core: MeshCore; voter: Voter; directory: Directory }, stored: VoterState | undefined) {
    const { core, voter } = parts;
    this.#core = core;
    this.#voter = voter;
    this.#directory = parts.directory;
    this.adoptedAtMs = core.nowMs;
    const config = core.settings.roster;
    this.#stored = stored?.roster ?? { number: 0, members: [] };
    if (config.number > this.#stored.number) {
      this.#stored = successor(this.#stored, config);
      voter.raiseFloor(config.floor ?? []);
      voter.touch();
    }
    this.#bound = new Set(
      this.#stored.members.filter((member) => member.voterId !== '').map((member) => member.pod),
    );
    this.#inForce();
    // A roster of one has nobody to ask.
    this.#bindSelf();
  }

  get number(): number {
    return this.#stored.number;
  }

  /** Hash of number and members. */
  get digest(): number {
    return this.#digest;
  }

  get members(): readonly StoredMember[] {
    return this.#stored.members;
  }

  get majority(): number {
    return Math.floor(this.#stored.members.length / 2) + 1;
  }

  /** The roster as it must be on disk. */
  get toStore(): StoredRoster {
    return this.#next ?? this.#stored;
  }

  /** Equal numbers with different lists: nothing is granted until a higher number settles it. */
  get conflict(): boolean {
    return [...this.#core.peers.values()].some((peer) => this.conflictsWith(peer));
  }

  conflictsWith(peer: Peer): boolean {
    return peer.roster === this.number && peer.rosterDigest !== 0 && peer.rosterDigest !== this.#digest;
  }

  /** Whether that id of the pod has a vote: a majority of the members has bound it to the name. */
  isVoter(pod: string, voterId: string): boolean {
    this.#electorate ??= this.#countBindings();
    return voterId !== '' && this.#electorate.get(pod) === voterId;
  }

  /** Whether this process has a vote. */
  get selfVotes(): boolean {
    return this.isVoter(this.#core.pod, this.#voter.voterId);
  }

  has(pod: string): boolean {
    return this.#member(pod) !== undefined;
  }

  /** Pods of the voters whose present process holds the id in force, this one left out. */
  voters(): string[] {
    return this.#stored.members
      .map((member) => member.pod)
      .filter((pod) => pod !== this.#core.pod && this.isVoter(pod, this.#core.peers.get(pod)?.voterId ?? ''));
  }

  /** A member showed its id: it is bound to the name if none is. */
  meet(peer: Peer): void {
    this.#bind(peer.pod, peer.voterId);
    this.#bindSelf();
  }

  /** Takes what a peer has on disk: a newer roster, or its bindings under this one. */
  heard(peer: Peer, frame: RosterFrame): void {
    this.#said.set(peer.pod, frame);
    this.#electorate = undefined;
    peer.roster = frame.number;
    peer.rosterDigest = digestOf(frame);
    if (frame.number > this.toStore.number) this.adopt(frame);
    if (frame.number !== this.number || this.conflictsWith(peer)) return;
    for (const member of frame.members)
      if (member.pod !== this.#core.pod) this.#bind(member.pod, member.voterId);
    this.#bindSelf();
  }

  /** Writes a newer roster and uses it when it is on disk. Returns whether it is newer. */
  adopt(roster: RosterConfig | RosterFrame): boolean {
    if (roster.number <= this.toStore.number) return false;
    this.#next = successor(this.#stored, roster);
    this.#voter.raiseFloor('kind' in roster ? epochs(roster.floor) : (roster.floor ?? []));
    this.#voter.touch();
    const next = this.#next;
    this.#voter.whenSaved(() => {
      if (this.#next === next) this.#use(next);
    });
    return true;
  }

  /** What a peer must know of the roster as it is on disk here. */
  frame(): RosterFrame {
    const list = (epochs: Iterable<readonly [string, number]>): TagEpoch[] =>
      [...epochs].map(([tag, epoch]) => ({ tag, epoch }));
    const highest = this.#voter.highest();
    return {
      kind: 'roster',
      number: this.number,
      members: this.#stored.members.map(({ pod, role, mesh, voterId, replaced }) => ({
        pod,
        role,
        mesh,
        voterId: this.#bound.has(pod) ? voterId : '',
        replaced,
      })),
      floor: list([...highest.keys()].map((tag) => [tag, this.#voter.floor(tag)] as const)),
      granted: list(highest),
    };
  }

  #use(next: StoredRoster): void {
    this.#stored = next;
    this.#next = undefined;
    this.adoptedAtMs = this.#core.nowMs;
    this.#bound = new Set();
    this.#electorate = undefined;
    this.#inForce();
    this.#core.note(
      'roster-adopted',
      {},
      `roster ${String(next.number)} of ${String(next.members.length)} voters`,
    );
    for (const peer of this.#core.peers.values()) this.#bind(peer.pod, peer.voterId);
    this.#bindSelf();
    this.announce();
  }

  /** A peer is one no more. */
  forget(pod: string): void {
    this.#said.delete(pod);
    this.#electorate = undefined;
  }

  /** Tells every peer that has a stream. */
  announce(): void {
    this.#core.frames(this.#core.reachable(), this.frame());
  }

  #inForce(): void {
    this.#directory.enrol(this.#stored.members);
    this.#digest = digestOf(this.#stored);
  }

  /** The id of each member that a majority has bound to its name. */
  #countBindings(): Map<string, string> {
    const lists = this.#saidByMembers().map((frame) => frame.members);
    if (this.has(this.#core.pod)) lists.push(this.frame().members);
    const electorate = new Map<string, string>();
    for (const { pod } of this.#stored.members) {
      const met = new Map<string, number>();
      for (const list of lists) {
        const id = list.find((member) => member.pod === pod)?.voterId ?? '';
        met.set(id, (met.get(id) ?? 0) + 1);
      }
      for (const [id, times] of met) if (times >= this.majority) electorate.set(pod, id);
    }
    return electorate;
  }

  /** What the other members last said of the roster in force. */
  #saidByMembers(): RosterFrame[] {
    return [...this.#said]
      .filter(([pod, frame]) => frame.number === this.number && this.has(pod))
      .map(([, frame]) => frame);
  }

  #member(pod: string): StoredMember | undefined {
    return this.#stored.members.find((member) => member.pod === pod);
  }

  #bind(pod: string, voterId: string): void {
    const member = this.#member(pod);
    if (member?.voterId !== '' || voterId === '') return;
    member.voterId = voterId;
    member.replaced = member.formerId !== '' && member.formerId !== voterId;
    this.#voter.touch();
    this.#voter.whenSaved(() => {
      if (this.#member(pod) !== member) return;
      this.#bound.add(pod);
      this.#electorate = undefined;
      this.announce();
    });
  }

  /**
   * The own id counts only after a majority has said that it knows no other one under this name, since a voter that lost its file
   * has also lost its grants; if the id takes the place of another one, that majority does not include this voter.
   */
  #bindSelf(): void {
    const own = this.#member(this.#core.pod);
    if (own?.voterId !== '') return;
    const said = this.#saidByMembers();
    const named = said.map((frame) => frame.members.find((member) => member.pod === own.pod));
    const other = named.find((member) => member?.voterId !== '' && member?.voterId !== this.#voter.voterId);
    if (other !== undefined) {
      this.#core.note('not-a-voter', {}, `the roster knows another voter id under the name ${own.pod}`);
      return;
    }
    const replaced = named.some((member) => member?.replaced === true);
    if (this.#voter.fresh && said.length + (replaced ? 0 : 1) < this.majority) return;
    if (this.#voter.fresh)
      for (const frame of said) this.#voter.raiseFloor(epochs([...frame.floor, ...frame.granted]));
    this.#bind(own.pod, this.#voter.voterId);
  }
}

/** Hash of number and list; addresses are left out, since a peer of an older version does not know them. */
function digestOf({ number, members }: { number: number; members: readonly Member[] }): number {
  return hashText([String(number), ...members.map(({ pod, role }) => `${pod} ${role}`).sort()].join('\n'));
}

/** The list under its new number: ids are bound anew, the former ones are remembered. */
function successor(former: StoredRoster, next: { number: number; members: readonly Member[] }): StoredRoster {
  const ids = new Map(former.members.map((member) => [member.pod, member.voterId || member.formerId]));
  const members = next.members.map(({ pod, role, mesh }) => ({
    pod,
    role,
    mesh: mesh ?? '',
    voterId: '',
    replaced: false,
    formerId: ids.get(pod) ?? '',
  }));
  return { number: next.number, members };
}

function epochs(list: readonly TagEpoch[]): [string, number][] {
  return list.map(({ tag, epoch }) => [tag, epoch]);
}

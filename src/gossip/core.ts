import type { MeshEffect, NoteCode } from './effects.ts';
import type { DatagramMessage, StreamMessage } from './message.ts';
import { encodeMessage } from './message-codec.ts';
import type { MeshSettings, Role, TagConfig } from './options.ts';
import { newPeer, type Link, type Peer } from './peer.ts';
import { newTag, type TagState } from './tag-state.ts';
import { WireWriter } from './wire.ts';

/** A peer may not make this pod keep more tags. */
const MAX_TAGS = 4096;

/** What all parts of the mesh share: time, effects, peers and tags. */
export class MeshCore {
  readonly settings: MeshSettings;
  readonly random: () => number;
  readonly startedAtMs: number;
  /** What this pod is in the roster. */
  role: Role;
  readonly peers: Map<string, Peer> = new Map<string, Peer>();
  readonly tags: Map<string, TagState> = new Map<string, TagState>();
  /** Grows whenever other tags are wanted, or elsewhere. */
  wishes = 0;
  nowMs: number;
  /** Time in which this process was awake: a pause counts little, so that nobody seems silent after it. */
  awakeMs = 0;
  /** When something is due next. */
  wakeAtMs: number;
  /** Awake time at which a peer that was forgotten lately was still one. */
  readonly #forgottenAtAwakeMs = new Map<string, number>();
  /** The tags were named since the start: others are not wanted. */
  #named = false;
  /** Tags that were dropped: who still names them does not bring them back. */
  readonly #dropped = new Set<string>();
  #effects: MeshEffect[] = [];
  #nonce = 0;
  readonly #writer = new WireWriter();

  constructor(settings: MeshSettings, nowMs: number, random: () => number) {
    this.settings = settings;
    this.role = settings.self.role;
    this.random = random;
    this.startedAtMs = nowMs;
    this.nowMs = nowMs;
    this.wakeAtMs = nowMs;
    this.#want(settings.tags);
  }

  get pod(): string {
    return this.settings.self.pod;
  }

  get boot(): string {
    return this.settings.self.bootId;
  }

  /** Moves the time, which never goes back; returns by how much. */
  advance(nowMs: number): number {
    const stepMs = nowMs - this.nowMs;
    if (stepMs <= 0) return 0;
    this.awakeMs += Math.min(stepMs, this.settings.probeIntervalMs * 2);
    this.nowMs = nowMs;
    return stepMs;
  }

  wakeAt(atMs: number): void {
    if (atMs < this.wakeAtMs) this.wakeAtMs = atMs;
  }

  /** OWNERSHIP 1: for `suspectAfter` after its start a process neither claims nor grants. */
  get settled(): boolean {
    return this.nowMs - this.startedAtMs >= this.settings.suspectAfterMs;
  }

  nextNonce(): number {
    return ++this.#nonce;
  }

  emit(effect: MeshEffect): void {
    this.#effects.push(effect);
  }

  note(code: NoteCode, about: { tag?: string; pod?: string }, text: string): void {
    this.emit({ kind: 'note', code, tag: about.tag ?? '', pod: about.pod ?? '', text });
  }

  takeEffects(): MeshEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  datagram(peer: Peer, message: DatagramMessage): void {
    this.emit({ kind: 'probe', to: peer.pod, bytes: encodeMessage(this.#writer, message, 0) });
  }

  /** False if there is no stream to the peer. */
  frame(peer: Peer, message: StreamMessage): boolean {
    if (peer.link === undefined) return false;
    this.emit({
      kind: 'frame',
      to: peer.pod,
      bytes: encodeMessage(this.#writer, message, this.#next(peer.link)),
    });
    return true;
  }

  /** One message to several peers: its body is encoded once. Returns the frame's length. */
  frames(peers: readonly Peer[], message: StreamMessage): number {
    const body = encodeMessage(this.#writer, message, 0);
    for (const [index, peer] of peers.entries()) {
      if (peer.link === undefined) continue;
      const bytes = index === peers.length - 1 ? body : body.slice();
      new DataView(bytes.buffer).setUint32(8, this.#next(peer.link));
      this.emit({ kind: 'frame', to: peer.pod, bytes });
    }
    return body.length;
  }

  /** Peers with a stream: the own hello was its first frame, so that they understand what follows. */
  reachable(): Peer[] {
    return [...this.peers.values()].filter((peer) => peer.link !== undefined);
  }

  /** Peers that have said hello on their stream. */
  linked(): Peer[] {
    return [...this.peers.values()].filter((peer) => peer.link?.greeted === true);
  }

  /** A datagram of the peer's present process has come. */
  heard(peer: Peer, boot: string): void {
    if (peer.boot === boot) peer.heardAtAwakeMs = this.awakeMs;
  }

  addPeer(pod: string, role: Role): void {
    const known = this.peers.get(pod);
    if (known !== undefined) known.role = role;
    else if (pod !== this.pod) this.peers.set(pod, newPeer(pod, role, this.awakeMs));
  }

  /** The mesh talks to that pod no more. */
  forgetPeer(pod: string): void {
    if (!this.peers.delete(pod)) return;
    const oldMs = this.awakeMs - this.settings.suspectAfterMs;
    for (const [other, atMs] of this.#forgottenAtAwakeMs)
      if (atMs <= oldMs) this.#forgottenAtAwakeMs.delete(other);
    this.#forgottenAtAwakeMs.set(pod, this.awakeMs);
  }

  /** Awake time since when a pod is no peer: since the start if it never was one. */
  strangerSinceAwakeMs(pod: string): number {
    return this.#forgottenAtAwakeMs.get(pod) ?? 0;
  }

  /** Names all tags that are wanted, and where. */
  wish(tags: readonly TagConfig[]): void {
    this.wishes++;
    this.#named = true;
    for (const state of this.tags.values()) {
      state.placement = undefined;
      state.withdrawn = true;
    }
    this.#want(tags);
  }

  #want(tags: readonly TagConfig[]): void {
    for (const { tag, placement } of tags) {
      this.#dropped.delete(tag);
      const state = this.tag(tag);
      if (state === undefined) continue;
      state.placement = placement;
      state.withdrawn = false;
    }
  }

  /** Forgets a tag that nobody wants. */
  dropTag(tag: string): void {
    this.tags.delete(tag);
    for (const old of this.#dropped) if (this.#dropped.size >= MAX_TAGS) this.#dropped.delete(old);
    this.#dropped.add(tag);
  }

  /** The state of a tag, made at its first mention; undefined past the bound, and for one that was dropped. */
  tag(name: string): TagState | undefined {
    const known = this.tags.get(name);
    if (known !== undefined || name === '' || this.tags.size >= MAX_TAGS) return known;
    if (this.#dropped.has(name)) return undefined;
    const state = newTag(name, this.#named, this.startedAtMs);
    this.tags.set(name, state);
    return state;
  }

  #next(link: Link): number {
    link.sequence = (link.sequence + 1) % 0x1_0000_0000;
    return link.sequence;
  }
}

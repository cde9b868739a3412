import {
  Mesh,
  type MeshEffect,
  type MeshOptions,
  type Role,
  type TakenOver,
} from '../../src/gossip/index.ts';
import type { Endpoint, Network } from './network.ts';

/** A record as the simulated program holds it. */
export interface SimRecord {
  key: string;
  epoch: number;
  version: number;
  doubtful: boolean;
}

/** What the world wants to hear of a node's effects. */
export interface Observer {
  effect(node: SimNode, effect: MeshEffect): void;
  /** After every input. */
  stepped(node: SimNode): void;
}

/** Options that differ between nodes only by the pod. */
export type NodeOptions = Omit<MeshOptions, 'self' | 'source'>;

/** How a node keeps its voter file; a mutation may lose what it should keep. */
export type DiskFilter = (file: Uint8Array | undefined) => Uint8Array | undefined;

/** What a node is made of. */
export interface NodeParts {
  network: Network;
  observer: Observer;
  options: NodeOptions;
  diskFilter?: DiskFilter;
  /** Id in the mesh, if it is not its address. */
  pod?: string;
  role?: Role;
  /** Where its voter file goes instead of its disk; `saved` is called when it is kept. */
  store?: (file: Uint8Array, saved: () => void) => void;
}

/** For each tag: an open claim asks each voter fifty times in a second. */
const MAX_TICKS_PER_TAG = 200;
const MAX_TICKS_PER_SECOND = 400;

/** A pod: the mesh, a disk, a program that holds records, and a clock that began at some time of its own. */
export class SimNode implements Endpoint {
  /** Its address, too. */
  readonly name: string;
  readonly pod: string;
  readonly role: Role;
  process = 0;
  mesh: Mesh | undefined;
  disk: Uint8Array | undefined;
  paused = false;
  /** It takes in what came while it was paused: senders may be other processes now. */
  catchingUp = false;
  /** Addresses with which it has streams. */
  readonly peers: Set<string> = new Set<string>();
  options: NodeOptions;
  /** Bytes that every record has besides its name and version. */
  padding = 0;
  /** Per tag what the program holds as the owner. */
  readonly records: Map<string, Map<string, SimRecord>> = new Map<string, Map<string, SimRecord>>();
  readonly #network: Network;
  readonly #observer: Observer;
  readonly #diskFilter: DiskFilter;
  readonly #store: NodeParts['store'];
  readonly #addresses = new Map<string, string>();
  /** The number of the stream to each peer, as this process knows it. */
  readonly #streams = new Map<string, number>();
  #inbox: (() => void)[] = [];
  #clockOffsetMs = 0;
  #tickAtMs = Infinity;
  #starts = 0;
  #ticks = 0;
  #tickSecond = 0;
  /** Writes are done one after another. */
  #diskFreeAtMs = 0;

  constructor(name: string, parts: NodeParts) {
    this.name = name;
    this.pod = parts.pod ?? name;
    this.role = parts.role ?? 'proxy';
    this.#store = parts.store;
    this.#network = parts.network;
    this.#observer = parts.observer;
    this.options = parts.options;
    this.#diskFilter = parts.diskFilter ?? ((file) => file);
    parts.network.endpoints.set(name, this);
  }

  get boot(): string {
    return `${this.name}#${String(this.process)}`;
  }

  /** Awake and running. */
  get running(): boolean {
    return this.mesh !== undefined && !this.paused;
  }

  get clockMs(): number {
    return this.#network.nowMs + this.#clockOffsetMs;
  }

  start(): void {
    this.process = ++this.#starts;
    this.paused = false;
    this.#inbox = [];
    this.records.clear();
    this.#tickAtMs = Infinity;
    this.#clockOffsetMs = Math.floor(this.#network.random() * 1e6);
    const source = { read: (tag: string, key: string): Uint8Array | undefined => this.#read(tag, key) };
    const self = { pod: this.pod, bootId: this.boot, role: this.role };
    const options: MeshOptions = { ...this.options, self, source };
    this.mesh = new Mesh(options, this.#diskFilter(this.disk), this.clockMs, this.#network.random);
    this.peers.clear();
    this.#network.started(this.name);
    this.#drain();
  }

  crash(silent = false): void {
    if (this.mesh === undefined) return;
    this.mesh = undefined;
    this.process = 0;
    this.paused = false;
    this.#network.gone(this.name, silent);
  }

  pause(): void {
    this.paused = true;
  }

  /** Due timers of the program come before anything else, as after a SIGCONT. */
  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    this.#observer.stepped(this);
    const inbox = this.#inbox;
    this.#inbox = [];
    this.catchingUp = true;
    for (const run of inbox) run();
    this.catchingUp = false;
    this.#schedule();
  }

  datagram(from: string, bytes: Uint8Array): void {
    this.#input((mesh) => {
      mesh.receiveProbe(from, bytes, this.clockMs);
    });
  }

  bytes(from: string, bytes: Uint8Array): void {
    this.#input((mesh) => {
      mesh.receiveFrames(from, bytes, this.clockMs);
    });
  }

  opened(peer: string, stream: number): void {
    this.#input((mesh) => {
      this.#streams.set(peer, stream);
      mesh.streamOpened(peer, this.clockMs);
    });
  }

  closed(peer: string, how: 'remote' | 'error'): void {
    this.#input((mesh) => {
      mesh.streamClosed(peer, how, this.clockMs);
    });
  }

  refused(peer: string): void {
    this.#input((mesh) => {
      mesh.connectRefused(peer, this.clockMs);
    });
  }

  /** Anything else that goes into the mesh. */
  call(run: (mesh: Mesh, nowMs: number) => void): void {
    this.#input((mesh) => {
      run(mesh, this.clockMs);
    });
  }

  mayAct(tag: string): boolean {
    return this.running && this.mesh?.mayAct(tag, this.clockMs) === true;
  }

  #input(run: (mesh: Mesh) => void): void {
    const { process } = this;
    if (this.mesh === undefined) return;
    if (this.paused) {
      this.#inbox.push(() => {
        if (this.process === process) this.#input(run);
      });
      return;
    }
    run(this.mesh);
    this.#drain();
  }

  #drain(): void {
    const { mesh } = this;
    if (mesh === undefined) return;
    for (const effect of mesh.takeEffects()) this.#perform(effect);
    this.#observer.stepped(this);
    this.#schedule();
  }

  #schedule(): void {
    const { mesh, process } = this;
    if (mesh === undefined || this.paused) return;
    const atMs = Math.max(mesh.nextTickAt - this.#clockOffsetMs, this.#network.nowMs + 0.05);
    if (atMs >= this.#tickAtMs && this.#tickAtMs > this.#network.nowMs) return;
    this.#tickAtMs = atMs;
    this.#network.events.put(atMs, () => {
      if (this.process !== process || this.#tickAtMs !== atMs) return;
      this.#tickAtMs = Infinity;
      this.#countTick();
      this.#input((mesh) => {
        mesh.tick(this.clockMs);
      });
    });
  }

  /** A mesh that asks for a tick again and again would eat its process. */
  #countTick(): void {
    const second = Math.floor(this.#network.nowMs / 1000);
    if (second !== this.#tickSecond) this.#ticks = 0;
    this.#tickSecond = second;
    if (++this.#ticks <= MAX_TICKS_PER_SECOND) return;
    const tags = this.mesh?.report(this.clockMs).tags.length ?? 0;
    if (this.#ticks > MAX_TICKS_PER_TAG * tags) throw new Error(`${this.name} wants a tick all the time`);
  }

  #perform(effect: MeshEffect): void {
    switch (effect.kind) {
      case 'probe':
        this.#network.sendDatagram(this.name, this.#addressOf(effect.to), effect.bytes);
        break;
      case 'frame':
        this.#network.sendBytes(this.name, this.#addressOf(effect.to), {
          stream: this.#streams.get(effect.to) ?? 0,
          bytes: effect.bytes,
        });
        break;
      case 'peers':
        this.#meet(effect.peers);
        break;
      case 'closeStream':
        this.#network.closeFrom(this.name, this.#addressOf(effect.to));
        break;
      case 'save':
        this.#save(effect.token, effect.bytes);
        break;
      case 'takenOver':
        this.#adopt(effect);
        break;
      case 'lost':
        this.records.delete(effect.tag);
        break;
      case 'merged':
        if (effect.record === undefined) this.records.get(effect.tag)?.delete(effect.key);
        else this.#table(effect.tag).set(effect.key, readRecord(effect.record));
        break;
      default:
    }
    this.#observer.effect(this, effect);
  }

  #meet(peers: readonly { pod: string; mesh: string }[]): void {
    const former = [...this.peers];
    this.peers.clear();
    this.#addresses.clear();
    for (const { pod, mesh } of peers) {
      this.#addresses.set(pod, mesh === '' ? pod : mesh);
      this.peers.add(this.#addressOf(pod));
    }
    for (const address of former) if (!this.peers.has(address)) this.#network.closeFrom(this.name, address);
    for (const address of this.peers) if (!former.includes(address)) this.#network.reopen(this.name, address);
  }

  #addressOf(pod: string): string {
    return this.#addresses.get(pod) ?? pod;
  }

  #save(token: number, bytes: Uint8Array): void {
    const { process } = this;
    if (this.#store !== undefined) {
      this.#store(bytes, () => {
        if (this.process !== process) return;
        this.#input((mesh) => {
          mesh.saved(token, this.clockMs);
        });
      });
      return;
    }
    const { nowMs, weather } = this.#network;
    this.#diskFreeAtMs = Math.max(this.#diskFreeAtMs, nowMs) + this.#network.between(weather.diskMs);
    this.#network.events.put(this.#diskFreeAtMs, () => {
      if (this.process !== process) return;
      this.disk = bytes;
      this.#input((mesh) => {
        mesh.saved(token, this.clockMs);
      });
    });
  }

  #adopt(effect: TakenOver): void {
    const table = this.#table(effect.tag);
    for (const record of effect.records) table.set(record.key, readRecord(record));
  }

  #table(tag: string): Map<string, SimRecord> {
    const table = this.records.get(tag) ?? new Map<string, SimRecord>();
    this.records.set(tag, table);
    return table;
  }

  #read(tag: string, key: string): Uint8Array | undefined {
    const record = this.records.get(tag)?.get(key);
    if (record === undefined) return undefined;
    const text = `${key} ${String(record.epoch)} ${String(record.version)}\n`;
    return new TextEncoder().encode(text + '.'.repeat(this.padding));
  }
}

function readRecord(copy: {
  key: string;
  epoch: number;
  version: number;
  bytes: Uint8Array;
  doubtful: boolean;
}): SimRecord {
  const { key, epoch, version, doubtful } = copy;
  const [text] = new TextDecoder().decode(copy.bytes).split('\n');
  if (text !== `${key} ${String(epoch)} ${String(version)}`)
    throw new Error(`copy ${key} (${String(epoch)},${String(version)}) has the bytes of "${String(text)}"`);
  return { key, epoch, version, doubtful };
}

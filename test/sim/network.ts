import { EventQueue } from './event-queue.ts';

/** How the network and the disks behave; times in ms, chances in [0, 1]. */
export interface Weather {
  delayMs: [number, number];
  /** Datagrams only, as the next two. */
  loss: number;
  duplicate: number;
  reorder: number;
  diskMs: [number, number];
}

export const CALM: Weather = { delayMs: [0.2, 0.6], loss: 0, duplicate: 0, reorder: 0, diskMs: [0.5, 3] };

/** What a node offers to the network, which knows it by its address. */
export interface Endpoint {
  readonly name: string;
  /** Id in the mesh: two processes may believe to be the same member. */
  readonly pod: string;
  /** Number of the process, 0 while there is none. */
  readonly process: number;
  /** Addresses with which it has streams. */
  readonly peers: ReadonlySet<string>;
  datagram(from: string, bytes: Uint8Array): void;
  bytes(from: string, bytes: Uint8Array): void;
  /** `stream` is the number to name when sending. */
  opened(peer: string, stream: number): void;
  closed(peer: string, how: 'remote' | 'error'): void;
  refused(peer: string): void;
}

interface Stream {
  number: number;
  open: boolean;
  ends: [string, string];
  /** Ends that do not know yet that it is closed. */
  untold: Set<string>;
  /** Per sender, what is on its way. */
  queues: Map<string, { bytes: Uint8Array; atMs: number }[]>;
}

const STREAM_REOPEN_MS: [number, number] = [5, 60];
const REFUSAL_MS: [number, number] = [0.2, 3];

/** Datagrams that may be lost, doubled and overtaken; streams that keep their order and may be cut; links cut one way or both. */
export class Network {
  nowMs = 0;
  weather: Weather = CALM;
  readonly events: EventQueue = new EventQueue();
  readonly random: () => number;
  readonly endpoints: Map<string, Endpoint> = new Map<string, Endpoint>();
  readonly #streams = new Map<string, Stream>();
  #numbers = 0;
  /** All that was ever sent on streams. */
  streamBytes = 0;
  /** "a>b": what a sends does not reach b. */
  readonly #cut = new Set<string>();

  constructor(random: () => number) {
    this.random = random;
  }

  between([low, high]: [number, number]): number {
    return low + (high - low) * this.random();
  }

  after(delayMs: number, run: () => void): void {
    this.events.put(this.nowMs + delayMs, run);
  }

  reaches(from: string, to: string): boolean {
    return !this.#cut.has(`${from}>${to}`);
  }

  /** What `from` sends reaches `to` no more; the stream of the two breaks some time later. */
  cut(from: string, to: string): void {
    this.#cut.add(`${from}>${to}`);
    this.after(this.between([100, 1500]), () => {
      if (!this.reaches(from, to)) this.breakStream(from, to);
    });
  }

  heal(from: string, to: string): void {
    this.#cut.delete(`${from}>${to}`);
    const stream = this.#streams.get(pairOf(from, to));
    if (stream !== undefined) this.#pump(stream, from, to);
    this.reopen(from, to);
  }

  healAll(): void {
    for (const pair of [...this.#cut]) {
      const [from = '', to = ''] = pair.split('>');
      this.heal(from, to);
    }
  }

  sendDatagram(from: string, to: string, bytes: Uint8Array): void {
    const { loss, duplicate, reorder } = this.weather;
    const copies = this.random() < duplicate ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      if (this.random() < loss || !this.reaches(from, to)) continue;
      const late = this.random() < reorder ? this.between([5, 80]) : 0;
      this.after(this.between(this.weather.delayMs) + late, () => {
        const endpoint = this.endpoints.get(to);
        if (endpoint !== undefined && endpoint.process !== 0) endpoint.datagram(this.#podAt(from), bytes);
      });
    }
  }

  /** Bytes into a stream that is no more are lost. */
  sendBytes(from: string, to: string, part: { stream: number; bytes: Uint8Array }): void {
    const stream = this.#streams.get(pairOf(from, to));
    const queue = stream?.queues.get(from);
    if (stream?.open !== true || queue === undefined || stream.number !== part.stream) return;
    const { bytes } = part;
    this.streamBytes += bytes.length;
    const atMs = Math.max(this.nowMs + this.between(this.weather.delayMs), queue.at(-1)?.atMs ?? 0);
    queue.push({ bytes, atMs });
    this.events.put(atMs, () => {
      this.#pump(stream, from, to);
    });
  }

  /** A stream breaks: what is on its way is lost, both ends see an error. */
  breakStream(from: string, to: string): void {
    const stream = this.#streams.get(pairOf(from, to));
    if (stream?.open !== true) return;
    stream.open = false;
    for (const end of stream.ends) this.#tellClosed(stream, end, 'error');
    this.reopen(from, to);
  }

  /** One end closed the stream by itself and knows it. */
  closeFrom(from: string, to: string): void {
    const stream = this.#streams.get(pairOf(from, to));
    if (stream?.open !== true) return;
    stream.open = false;
    stream.untold.delete(from);
    this.#tellClosed(stream, to, 'remote');
    this.reopen(from, to);
  }

  /** A process has started: streams to it come up. */
  started(name: string): void {
    for (const other of this.endpoints.keys()) if (other !== name) this.reopen(name, other);
  }

  /** A process is gone. `silent`: its host too, so that nobody is told; else the kernel closes its streams and refuses new ones. */
  gone(name: string, silent: boolean): void {
    for (const stream of this.#streams.values()) {
      if (!stream.open || !stream.ends.includes(name)) continue;
      const other = stream.ends[0] === name ? stream.ends[1] : stream.ends[0];
      stream.untold.delete(name);
      if (silent) {
        stream.open = false;
        this.after(this.between([2000, 6000]), () => {
          this.#tellClosed(stream, other, 'error');
        });
      } else this.#refuse(stream, name, other);
    }
  }

  /** What the dead process sent before still arrives, then the end of the stream, then a refusal. */
  #refuse(stream: Stream, name: string, other: string): void {
    const lastMs = stream.queues.get(name)?.at(-1)?.atMs ?? this.nowMs;
    this.events.put(Math.max(lastMs, this.nowMs + this.between(this.weather.delayMs)), () => {
      stream.open = false;
      this.reopen(name, other);
      if (!this.reaches(name, other) || !stream.untold.has(other)) return;
      this.#tellClosed(stream, other, 'remote');
      this.after(this.between(REFUSAL_MS), () => {
        if (this.endpoints.get(name)?.process === 0) this.endpoints.get(other)?.refused(this.#podAt(name));
      });
    });
  }

  #tellClosed(stream: Stream, end: string, how: 'remote' | 'error'): void {
    if (!stream.untold.delete(end)) return;
    const other = stream.ends[0] === end ? stream.ends[1] : stream.ends[0];
    this.endpoints.get(end)?.closed(this.#podAt(other), how);
  }

  /** Bytes wait while the way is cut and are lost with the stream. */
  #pump(stream: Stream, from: string, to: string): void {
    const queue = stream.queues.get(from) ?? [];
    while (stream.open && this.reaches(from, to) && (queue[0]?.atMs ?? Infinity) <= this.nowMs) {
      const part = queue.shift();
      if (part !== undefined) this.endpoints.get(to)?.bytes(this.#podAt(from), part.bytes);
    }
  }

  /** A stream comes up if both ends want it and there is none. */
  reopen(from: string, to: string): void {
    this.after(this.between(STREAM_REOPEN_MS), () => {
      const [a, b] = [this.#ready(from, to), this.#ready(to, from)];
      if (a === undefined || b === undefined) return;
      const old = this.#streams.get(pairOf(from, to));
      if (old?.open === true) return;
      if (!this.reaches(from, to) || !this.reaches(to, from)) return;
      if (old !== undefined) for (const end of old.ends) this.#tellClosed(old, end, 'error');
      this.#streams.set(pairOf(from, to), {
        number: ++this.#numbers,
        open: true,
        ends: [from, to],
        untold: new Set([from, to]),
        queues: new Map([
          [from, []],
          [to, []],
        ]),
      });
      a.opened(b.pod, this.#numbers);
      b.opened(a.pod, this.#numbers);
    });
  }

  #podAt(address: string): string {
    return this.endpoints.get(address)?.pod ?? address;
  }

  /** An end that runs and wants a stream with `peer`. */
  #ready(name: string, peer: string): Endpoint | undefined {
    const end = this.endpoints.get(name);
    return end !== undefined && end.process !== 0 && end.peers.has(peer) ? end : undefined;
  }
}

function pairOf(a: string, b: string): string {
  return a < b ? `${a}|${b}` : `${b}|${a}`;
}

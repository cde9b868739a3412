import { connect, createServer, type ConnectionOptions, type Server } from 'node:tls';
import type { AddressLookup } from './address-lookup.ts';
import { Dialler } from './dialler.ts';
import type { Identity } from './identity.ts';
import type { Introduction } from './introduction.ts';
import type { KeyRing } from './key-ring.ts';
import { HANDSHAKE_LIMIT_MS, Link, type LinkEnd, type LinkEvents } from './link.ts';
import { clientSettings, serverSettings } from './tls-settings.ts';

/** Two streams of one pair that are younger than this were dialled at the same time from both ends, in ms. */
const CROSSED_MS = 1000;
/** Streams that are not introduced yet, for each member, beside a few strangers'. */
const CONNECTIONS_PER_MEMBER = 8;
const SPARE_CONNECTIONS = 64;

/** Where a member's mesh is, TCP and UDP. */
export interface MeshAddress {
  readonly address: string;
  readonly port: number;
}

/** What the streams report; `how` is as the mesh wants it. */
export interface LinksEvents {
  opened(peer: Introduction): void;
  received(pod: string, bytes: Uint8Array): void;
  closed(pod: string, how: 'remote' | 'error', why: string): void;
  refused(pod: string): void;
  /** A connection that never became a stream. `from`: pod if it is known, else address. */
  rejected(from: string, how: LinkEnd, detail: string): void;
}

/** What the links are made of. */
export interface LinksParts {
  readonly self: Identity;
  readonly keys: KeyRing;
  readonly bind: MeshAddress;
  /** The other members, as they are at the moment: `peersChanged` says when they change. */
  readonly peers: ReadonlyMap<string, MeshAddress>;
  readonly lookup: AddressLookup;
  readonly nowMs: () => number;
  readonly random: () => number;
}

/** One stream with each other member: accepts, dials, dials again, and keeps the same one of two at both ends. */
export class Links {
  readonly #parts: LinksParts;
  readonly #events: LinksEvents;
  readonly #server: Server;
  readonly #client: ConnectionOptions;
  readonly #diallers = new Map<string, Dialler>();
  readonly #open = new Map<string, Link>();
  readonly #all = new Set<Link>();
  readonly #unflushed = new Set<Link>();
  readonly #linkEvents: LinkEvents;
  #started = false;
  #stopped = false;

  constructor(parts: LinksParts, events: LinksEvents) {
    this.#parts = parts;
    this.#events = events;
    this.#client = clientSettings(parts.keys);
    this.#server = createServer({ ...serverSettings(parts.keys), handshakeTimeout: HANDSHAKE_LIMIT_MS });
    this.#linkEvents = {
      admits: ({ pod }) => parts.peers.has(pod),
      opened: this.#opened.bind(this),
      received: (link, bytes) => {
        if (link.peer !== undefined && this.#open.get(link.peer.pod) === link)
          this.#events.received(link.peer.pod, bytes);
      },
      ended: this.#ended.bind(this),
    };
    this.peersChanged();
  }

  /** Begins to dial who is new among the peers, and ends the streams with who is none any more. */
  peersChanged(): void {
    const { peers } = this.#parts;
    this.#server.maxConnections = SPARE_CONNECTIONS + peers.size * CONNECTIONS_PER_MEMBER;
    for (const [pod, dialler] of this.#diallers)
      if (!peers.has(pod)) {
        this.#diallers.delete(pod);
        dialler.stop();
        this.#open.get(pod)?.close('given-up');
      }
    for (const pod of peers.keys())
      if (!this.#diallers.has(pod)) {
        const dialler = this.#newDialler(pod);
        this.#diallers.set(pod, dialler);
        if (this.#started) dialler.start();
      }
  }

  /** Listens, then begins to dial. Rejects if the address cannot be bound. */
  async start(): Promise<void> {
    this.#server.on('secureConnection', (socket) => {
      this.#all.add(new Link(this.#parts.self, { socket, dialled: undefined }, this.#linkEvents));
    });
    this.#server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
      this.#events.rejected(socket.remoteAddress ?? '', 'handshake', error.code ?? error.message);
    });
    const { address, port } = this.#parts.bind;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, address, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    this.#server.on('error', (error: Error) => {
      this.#events.rejected('', 'path', error.message);
    });
    this.#started = true;
    for (const dialler of this.#diallers.values()) dialler.start();
  }

  /** Stops listening, then closes all streams, so that who dials again is refused. */
  stop(): void {
    this.#stopped = true;
    this.#server.close();
    for (const dialler of this.#diallers.values()) dialler.stop();
    this.flush();
    for (const link of this.#all) link.close('given-up');
  }

  /** Writes to the pod's stream what leaves at the next `flush`; without a stream it is dropped. */
  write(pod: string, bytes: Uint8Array): void {
    const link = this.#open.get(pod);
    if (link === undefined) return;
    link.write(bytes);
    this.#unflushed.add(link);
  }

  /** Lets everything written in this turn leave together. */
  flush(): void {
    for (const link of this.#unflushed) link.flush();
    this.#unflushed.clear();
  }

  /** Closes the pod's stream, which is then dialled anew. */
  close(pod: string): void {
    this.#open.get(pod)?.close('given-up');
  }

  /** Bytes that wait in this process, over all streams. */
  get waitingBytes(): number {
    let bytes = 0;
    for (const link of this.#open.values()) bytes += link.waitingBytes;
    return bytes;
  }

  #newDialler(pod: string): Dialler {
    return new Dialler(() => this.#dial(pod), this.#parts.self.pod < pod, this.#parts.random);
  }

  #dial(pod: string): Link {
    const { peers, bind, lookup } = this.#parts;
    const at = peers.get(pod) ?? bind;
    const local = lookup.localAddressFor(at.address);
    const socket = connect({
      ...this.#client,
      host: at.address,
      port: at.port,
      lookup: lookup.all,
      ...(local !== undefined && { localAddress: local }),
    });
    const link = new Link(this.#parts.self, { socket, dialled: pod }, this.#linkEvents);
    this.#all.add(link);
    return link;
  }

  #opened(link: Link, peer: Introduction): void {
    const nowMs = this.#parts.nowMs();
    const rival = this.#open.get(peer.pod);
    if (rival !== undefined && !this.#wins(link, rival, nowMs)) {
      link.close('duplicate');
      return;
    }
    link.openedAtMs = nowMs;
    this.#open.set(peer.pod, link);
    if (rival !== undefined) {
      rival.close('duplicate');
      this.#events.closed(peer.pod, 'error', 'duplicate');
    }
    this.#diallers.get(peer.pod)?.satisfied(link);
    this.#events.opened(peer);
  }

  /** Both ends decide alike: the newer stream, or of two that crossed the one that the lower name dialled. */
  #wins(link: Link, rival: Link, nowMs: number): boolean {
    const crossed =
      (link.dialled === undefined) !== (rival.dialled === undefined) && nowMs - rival.openedAtMs < CROSSED_MS;
    if (!crossed || link.peer?.bootId !== rival.peer?.bootId) return true;
    const peer = link.peer?.pod ?? '';
    return link.dialled === undefined ? peer < this.#parts.self.pod : this.#parts.self.pod < peer;
  }

  #ended(link: Link, how: LinkEnd, detail: string): void {
    this.#all.delete(link);
    this.#unflushed.delete(link);
    const pod = link.peer?.pod ?? link.dialled;
    if (pod !== undefined && this.#open.get(pod) === link) this.#lost(pod, how, detail);
    else if (!this.#stopped) this.#failed(link, how, detail);
  }

  #lost(pod: string, how: LinkEnd, detail: string): void {
    this.#open.delete(pod);
    this.#events.closed(
      pod,
      how === 'remote' ? 'remote' : 'error',
      detail === '' ? how : `${how}: ${detail}`,
    );
    if (!this.#stopped) this.#diallers.get(pod)?.lost(how === 'remote');
  }

  #failed(link: Link, how: LinkEnd, detail: string): void {
    if (link.dialled !== undefined) this.#diallers.get(link.dialled)?.failed(link, how);
    if (how === 'refused' && link.dialled !== undefined) this.#events.refused(link.dialled);
    else if (how !== 'duplicate') this.#events.rejected(link.dialled ?? '', how, detail);
  }
}

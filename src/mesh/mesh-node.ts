import { randomBytes } from 'node:crypto';
import { parseHostPort, type HostPort } from '../api/address.ts';
import type { ProxyConfig } from '../api/proxy-config.ts';
import {
  Mesh,
  type Change,
  type ForwardedRecord,
  type MeshEffect,
  type MeshOptions,
  type MeshReport,
  type Owner,
  type PeerConfig,
  type RecordSource,
  type RosterConfig,
  type TagConfig,
} from '../gossip/index.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import { AddressLookup } from './address-lookup.ts';
import type { MeshInstruments } from './instruments.ts';
import { KeyRing } from './key-ring.ts';
import { Links, type MeshAddress } from './links.ts';
import { MeshLog } from './mesh-log.ts';
import { MeshMetrics } from './mesh-metrics.ts';
import { MeshTimer } from './mesh-timer.ts';
import { ProbeSeal } from './probe-seal.ts';
import { Probes } from './probes.ts';
import type { VoterStore } from './voter-store.ts';
import { VoterWriter } from './voter-writer.ts';

const BOOT_ID_BYTES = 8;

/** The part of the config that the mesh reads; `mesh.keys` holds the keys of a key file, too. */
export type MeshConfig = Pick<
  ProxyConfig,
  'cluster' | 'pod' | 'roster' | 'shards' | 'placement' | 'mesh' | 'replication' | 'failover'
> &
  Partial<Pick<ProxyConfig, 'role' | 'node' | 'zone'>>;

/** What the program hears from its mesh; the mesh has performed the other effects. */
export type ProgramEffect = Exclude<
  MeshEffect,
  { kind: 'probe' | 'frame' | 'peers' | 'closeStream' | 'save' }
>;

/** What a mesh node is made of. */
export interface MeshNodeParts {
  readonly config: MeshConfig;
  /** Those of the config if left out; what becomes of the ring counts for the next stream and datagram. */
  readonly keys?: KeyRing;
  /** Where this member's memory as a voter is kept. */
  readonly store: VoterStore;
  readonly source: RecordSource;
  readonly onEffect: (effect: ProgramEffect) => void;
  readonly log: Logger;
  readonly metrics: MeshInstruments;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Unpredictable, in [0, 1). */
  readonly random: () => number;
  /** Whether datagrams are looked at now; always if left out. */
  readonly mayAnswer?: () => boolean;
}

/** This pod's place in the mesh: the protocol with its sockets, its store and its timer. */
export class MeshNode {
  /** Random at each start of the process. */
  readonly bootId: string = randomBytes(BOOT_ID_BYTES).toString('hex');
  readonly #parts: MeshNodeParts;
  readonly #log: MeshLog;
  readonly #metrics: MeshMetrics;
  readonly #mesh: Mesh;
  /** Where the peers are; links and probes look here. */
  readonly #peers = new Map<string, MeshAddress>();
  readonly #links: Links;
  readonly #probes: Probes;
  readonly #seal: ProbeSeal;
  readonly #voter: VoterWriter;
  readonly #timer: MeshTimer;
  #draining = false;
  #turn: NodeJS.Immediate | undefined;
  #state: 'new' | 'running' | 'stopped' = 'new';

  /** Reads what this member has voted for; rejects if that is there and cannot be read. */
  static async open(parts: MeshNodeParts): Promise<MeshNode> {
    return new MeshNode(parts, await parts.store.read());
  }

  private constructor(parts: MeshNodeParts, voted: Uint8Array | undefined) {
    const { config, log, metrics, random } = parts;
    const nowMs = (): number => parts.clock.nowMs();
    const self = { cluster: config.cluster, pod: config.pod, bootId: this.bootId };
    const keys = parts.keys ?? KeyRing.of(config.mesh.keys);
    const peers = this.#peers;
    const { bind } = config.mesh;
    const lookup = new AddressLookup(bind.address, nowMs);
    this.#parts = parts;
    this.#log = new MeshLog(log, metrics, nowMs);
    this.#metrics = new MeshMetrics(metrics, nowMs);
    this.#seal = new ProbeSeal(self, keys, Date.now());
    this.#voter = this.#newVoterWriter();
    this.#mesh = new Mesh(optionsOf(config, this.bootId, parts.source), voted, nowMs(), random);
    this.#links = this.#newLinks({ self, keys, bind, peers, lookup, nowMs, random });
    this.#probes = this.#newProbes({ bind, peers, lookup, seal: this.#seal });
    this.#timer = new MeshTimer(nowMs, () => {
      this.#input(() => {
        this.#mesh.tick(nowMs());
      });
    });
    metrics.onScrape(() => {
      this.#metrics.sample(this.report(), this.#links.waitingBytes);
    });
  }

  /** Opens the sockets and joins. Rejects if an address is taken. */
  async start(): Promise<void> {
    await this.#probes.start();
    await this.#links.start();
    this.#state = 'running';
    this.#input(() => {
      this.#mesh.tick(this.#nowMs);
    });
  }

  /** Leaves. The listener closes last: from then on the other pods take this one for dead. */
  async stop(): Promise<void> {
    this.#state = 'stopped';
    this.#timer.stop();
    clearImmediate(this.#turn);
    await this.#voter.close();
    this.#probes.stop();
    this.#links.stop();
  }

  /** Replicates a change at the end of this turn; returns its sequence, 0 if this pod does not own the tag. */
  put(change: Change): number {
    this.#drainSoon();
    return this.#mesh.put(change, this.#nowMs);
  }

  /** The record has ended for good; returns as `put` does. */
  end(tag: string, key: string): number {
    this.#drainSoon();
    return this.#mesh.end(tag, key, this.#nowMs);
  }

  /** Takes a forwarded record; true if it is newer than what is known, so that the program must take it, too. */
  merge(record: ForwardedRecord): boolean {
    this.#drainSoon();
    return this.#mesh.merge(record, this.#nowMs);
  }

  /** Sends bytes to the program of `pod`; false if there is no stream with it. */
  send(pod: string, payload: Uint8Array): boolean {
    this.#drainSoon();
    return this.#mesh.send(pod, payload);
  }

  /** Begins a planned move; returns why not, or undefined if it has begun. */
  handOver(tag: string, pod: string): string | undefined {
    this.#drainSoon();
    return this.#mesh.handOver(tag, pod, this.#nowMs);
  }

  /** Takes a roster with a higher number; it is written first, and passed on to the others. */
  adoptRoster(roster: RosterConfig): void {
    this.#input(() => {
      this.#mesh.adoptRoster(roster, this.#nowMs);
    });
  }

  /** The processes to talk to beside the members of the roster; who is in neither list is forgotten. */
  setPeers(peers: readonly PeerConfig[]): void {
    this.#input(() => {
      this.#mesh.setPeers(peers, this.#nowMs);
    });
  }

  /** The tags that are wanted, and where. One that is left out is given up when it has no records any more. */
  setTags(tags: readonly TagConfig[]): void {
    this.#input(() => {
      this.#mesh.setTags(tags, this.#nowMs);
    });
  }

  /** Whether this pod owns the tag and its lease holds now. */
  mayAct(tag: string): boolean {
    return this.#mesh.mayAct(tag, this.#nowMs);
  }

  /** The newest owner known, alive or not. */
  ownerOf(tag: string): Owner | undefined {
    return this.#mesh.ownerOf(tag);
  }

  report(): MeshReport {
    return this.#mesh.report(this.#nowMs);
  }

  get #nowMs(): number {
    return this.#parts.clock.nowMs();
  }

  #newVoterWriter(): VoterWriter {
    return new VoterWriter(this.#parts.store, {
      saved: (token) => {
        this.#input(() => {
          this.#mesh.saved(token, this.#nowMs);
        });
      },
      failed: (error) => {
        this.#log.saveFailed(error);
      },
    });
  }

  #newLinks(parts: ConstructorParameters<typeof Links>[0]): Links {
    return new Links(parts, {
      opened: ({ pod, bootId }) => {
        this.#log.opened(pod, bootId);
        this.#seal.replays.vouch(pod, bootId);
        this.#input(() => {
          this.#mesh.streamOpened(pod, this.#nowMs);
        });
      },
      received: (pod, bytes) => {
        this.#metrics.heard(pod, bytes.length);
        this.#input(() => {
          this.#mesh.receiveFrames(pod, bytes, this.#nowMs);
        });
      },
      closed: (pod, how, why) => {
        this.#log.closed(pod, why);
        this.#input(() => {
          this.#mesh.streamClosed(pod, how, this.#nowMs);
        });
      },
      refused: (pod) => {
        this.#input(() => {
          this.#mesh.connectRefused(pod, this.#nowMs);
        });
      },
      rejected: this.#log.rejected.bind(this.#log),
    });
  }

  #newProbes(parts: ConstructorParameters<typeof Probes>[0]): Probes {
    return new Probes(parts, {
      received: (pod, payload) => {
        if (this.#parts.mayAnswer?.() === false) return;
        this.#metrics.heard(pod, 0);
        this.#input(() => {
          this.#mesh.receiveProbe(pod, payload, this.#nowMs);
        });
      },
      dropped: this.#log.dropped.bind(this.#log),
      unsent: this.#log.unsent.bind(this.#log),
    });
  }

  #input(feed: () => void): void {
    if (this.#state === 'stopped') return;
    feed();
    this.#drain();
    this.#drainSoon();
  }

  /** Performs what the mesh wants done. What that causes comes after it, in the same loop. */
  #drain(): void {
    if (this.#draining || this.#state !== 'running') return;
    this.#draining = true;
    try {
      let effects = this.#mesh.takeEffects();
      while (effects.length > 0) {
        for (const effect of effects) this.#perform(effect);
        effects = this.#mesh.takeEffects();
      }
    } finally {
      this.#draining = false;
    }
    this.#timer.wakeAt(this.#mesh.nextTickAt);
  }

  #perform(effect: MeshEffect): void {
    switch (effect.kind) {
      case 'probe':
        // A new owner's announcement must be there before the probe that asks for its lease.
        this.#links.flush();
        this.#probes.send(effect.to, effect.bytes);
        return;
      case 'frame':
        this.#metrics.sent(effect.bytes.length);
        this.#links.write(effect.to, effect.bytes);
        return;
      case 'peers':
        this.#meet(effect.peers);
        return;
      case 'closeStream':
        this.#links.close(effect.to);
        return;
      case 'save':
        this.#voter.save(effect.token, effect.bytes);
        return;
      default:
        this.#tell(effect);
    }
  }

  #meet(peers: readonly { pod: string; mesh: string }[]): void {
    this.#peers.clear();
    for (const { pod, mesh } of peers)
      this.#peers.set(pod, parseHostPort(mesh) ?? { address: pod, port: this.#parts.config.mesh.bind.port });
    this.#links.peersChanged();
  }

  #tell(effect: ProgramEffect): void {
    this.#log.effect(effect);
    this.#metrics.effect(effect);
    // What lies in a silent peer's stream would come when it is no longer true: both begin anew.
    if (effect.kind === 'member' && !effect.alive) this.#links.close(effect.pod);
    this.#parts.onEffect(effect);
  }

  /** Once at the end of this turn of the event loop: changes share frames, and frames share a write. */
  #drainSoon(): void {
    this.#turn ??= setImmediate(() => {
      this.#turn = undefined;
      if (this.#state !== 'running') return;
      this.#drain();
      this.#links.flush();
    });
  }
}

function optionsOf(config: MeshConfig, bootId: string, source: RecordSource): MeshOptions {
  const { failover, mesh, replication, roster } = config;
  return {
    self: { pod: config.pod, bootId, ...placeOf(config) },
    roster: {
      number: roster.number,
      members: roster.members.map((member) => ({ ...member, mesh: textOf(member.mesh) })),
    },
    tags: config.shards,
    preferred: new Map(Object.entries(config.placement)),
    source,
    suspectAfterMs: failover.suspectAfterMs,
    ...(mesh.isolationAfterMs !== undefined && { isolationAfterMs: mesh.isolationAfterMs }),
    probeIntervalMs: mesh.probeIntervalMs,
    replicationFactor: replication.factor,
    trustReset: failover.trustReset,
    failoverDelayMs: failover.delayMs,
  };
}

function placeOf({ role, node, zone }: MeshConfig): Partial<Pick<ProxyConfig, 'role' | 'node' | 'zone'>> {
  return {
    ...(role !== undefined && { role }),
    ...(node !== undefined && { node }),
    ...(zone !== undefined && { zone }),
  };
}

function textOf({ address, port }: HostPort): string {
  return address.includes(':') ? `[${address}]:${String(port)}` : `${address}:${String(port)}`;
}

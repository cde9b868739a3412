import type { MeshEffect, NoteCode } from '../../src/gossip/index.ts';
import { Ledger } from './ledger.ts';
import { CALM, Network, type Weather } from './network.ts';
import { SimNode, type DiskFilter, type NodeOptions } from './node.ts';
import { seededRandom } from './random.ts';

export interface WorldOptions {
  pods: string[];
  witnesses?: string[];
  tags?: string[];
  preferred?: ReadonlyMap<string, string>;
  replicationFactor?: number;
  weather?: Weather;
  diskFilter?: DiskFilter;
}

export interface Happening {
  atMs: number;
  pod: string;
  effect: MeshEffect;
}

/** Many meshes in one process under a virtual clock; after every input the promises of the protocol are checked. */
export class World {
  readonly random: () => number;
  readonly network: Network;
  readonly nodes: Map<string, SimNode> = new Map<string, SimNode>();
  readonly tags: string[];
  readonly ledger: Ledger = new Ledger();
  /** Everything but datagrams, frames and saves. */
  readonly log: Happening[] = [];

  constructor(seed: number, options: WorldOptions) {
    this.random = seededRandom(seed);
    this.network = new Network(this.random);
    this.network.weather = options.weather ?? CALM;
    this.tags = options.tags ?? ['T'];
    const members = [
      ...options.pods.map((pod) => ({ pod, role: 'proxy' as const })),
      ...(options.witnesses ?? []).map((pod) => ({ pod, role: 'witness' as const })),
    ];
    const common: NodeOptions = {
      roster: { number: 1, members },
      tags: this.tags,
      preferred: options.preferred ?? new Map(),
      replicationFactor: options.replicationFactor ?? 2,
    };
    for (const { pod } of members) this.add(pod, common, options.diskFilter);
  }

  get nowMs(): number {
    return this.network.nowMs;
  }

  add(pod: string, options: NodeOptions, diskFilter?: DiskFilter): SimNode {
    const observer = {
      effect: (node: SimNode, effect: MeshEffect): void => {
        this.#effect(node, effect);
      },
      stepped: (): void => {
        this.#check();
      },
    };
    const parts = { network: this.network, observer, options, ...(diskFilter && { diskFilter }) };
    const node = new SimNode(pod, parts);
    this.nodes.set(pod, node);
    return node;
  }

  node(pod: string): SimNode {
    const node = this.nodes.get(pod);
    if (node === undefined) throw new Error(`no node ${pod}`);
    return node;
  }

  startAll(): void {
    for (const node of this.nodes.values()) node.start();
  }

  /** Lets the time pass. */
  run(forMs: number): void {
    this.runUntil(() => false, forMs);
  }

  /** Lets the time pass until `done`, at most `withinMs`; returns the time it took, Infinity if it was not done. */
  runUntil(done: () => boolean, withinMs: number): number {
    const startMs = this.nowMs;
    const { events } = this.network;
    while (!done()) {
      if (events.nextAtMs > startMs + withinMs) {
        this.network.nowMs = startMs + withinMs;
        return done() ? withinMs : Infinity;
      }
      const event = events.take();
      if (event === undefined) break;
      this.network.nowMs = event.atMs;
      event.run();
    }
    return this.nowMs - startMs;
  }

  /** The pod that may act for the tag now. */
  actor(tag = 'T'): string | undefined {
    return [...this.nodes.values()].find((node) => node.mayAct(tag))?.name;
  }

  actsWithin(withinMs: number, pod?: string, tag = 'T'): number {
    return this.runUntil(() => {
      const actor = this.actor(tag);
      return actor !== undefined && (pod === undefined || actor === pod);
    }, withinMs);
  }

  epoch(tag = 'T'): number {
    return Math.max(0, ...[...this.nodes.values()].map((node) => node.mesh?.ownerOf(tag)?.epoch ?? 0));
  }

  notes(code: NoteCode): Happening[] {
    return this.log.filter(({ effect }) => effect.kind === 'note' && effect.code === code);
  }

  taken(tag = 'T'): Happening[] {
    return this.log.filter(({ effect }) => effect.kind === 'takenOver' && effect.tag === tag);
  }

  /** The pod creates or changes a record; the version is one more than what it has. */
  put(pod: string, key: string, tag = 'T'): void {
    const node = this.node(pod);
    node.call((mesh, nowMs) => {
      const epoch = mesh.ownerOf(tag)?.epoch ?? 0;
      const table = node.records.get(tag) ?? new Map();
      node.records.set(tag, table);
      const held = table.get(key) as { epoch: number; version: number } | undefined;
      const version = (held?.version ?? 0) + 1;
      table.set(key, { key, epoch, version, doubtful: false });
      const sequence = mesh.put({ tag, key, version, prompt: true }, nowMs);
      if (sequence > 0) this.ledger.put(node, { tag, key, epoch, version, sequence, end: false });
      else table.delete(key);
    });
  }

  end(pod: string, key: string, tag = 'T'): void {
    const node = this.node(pod);
    node.call((mesh, nowMs) => {
      node.records.get(tag)?.delete(key);
      const sequence = mesh.end(tag, key, nowMs);
      if (sequence > 0) this.ledger.put(node, { tag, key, epoch: 0, version: 0, sequence, end: true });
    });
  }

  /** One owner per tag, it acts, its standbys are in sync and hold what it holds. Returns what is not so. */
  unsettled(): string[] {
    const problems: string[] = [];
    const nodes = [...this.nodes.values()].filter((node) => node.running);
    for (const tag of this.tags) {
      const actor = nodes.find((node) => node.mayAct(tag));
      if (actor === undefined) problems.push(`nobody acts for ${tag}`);
      else problems.push(...this.#copyProblems(tag, actor, nodes));
    }
    return problems;
  }

  #copyProblems(tag: string, actor: SimNode, nodes: SimNode[]): string[] {
    const problems: string[] = [];
    const report = (node: SimNode) => node.mesh?.report(node.clockMs).tags.find((entry) => entry.tag === tag);
    const own = report(actor);
    const inSync = own?.standbysInSync.length ?? 0;
    const proxies = nodes.filter((node) => report(node) !== undefined && !this.#isWitness(node)).length;
    const wanted = Math.min(2, proxies - 1);
    if (inSync < wanted) problems.push(`${tag}: ${String(inSync)} of ${String(wanted)} standbys in sync`);
    if ((own?.acknowledged ?? 0) < (own?.sequence ?? 0) && wanted > 0)
      problems.push(`${tag}: sequence ${String(own?.sequence)} not acknowledged`);
    for (const node of nodes) {
      const entry = report(node);
      if (entry?.owner?.pod !== actor.name) problems.push(`${node.name} knows another owner of ${tag}`);
      if (entry === undefined || node === actor || this.#isWitness(node)) continue;
      const listed = own?.standbys.includes(node.name) === true;
      if (listed && entry.digest !== own.digest) problems.push(`${node.name}'s copy of ${tag} differs`);
      if (!listed && entry.records > 0) problems.push(`${node.name} still has copies of ${tag}`);
    }
    const held = new Map([...(actor.records.get(tag) ?? [])]);
    if (held.size !== own?.records)
      problems.push(`${tag}: the program has ${String(held.size)} records, the mesh ${String(own?.records)}`);
    return problems;
  }

  #isWitness(node: SimNode): boolean {
    return node.options.roster.members.some(
      (member) => member.pod === node.name && member.role === 'witness',
    );
  }

  #effect(node: SimNode, effect: MeshEffect): void {
    if (effect.kind === 'probe' || effect.kind === 'frame' || effect.kind === 'save') return;
    this.log.push({ atMs: this.nowMs, pod: node.name, effect });
    if (effect.kind === 'owner') this.ledger.owner(effect.tag, effect.owner);
    if (effect.kind === 'note' && effect.code === 'copies-discarded') this.#discarded(node, effect.tag);
    if (effect.kind === 'acknowledged')
      this.ledger.acknowledged(node, effect.tag, effect.sequence, effect.pod, this);
  }

  #discarded(node: SimNode, tag: string): void {
    const owner = this.nodes.get(node.mesh?.ownerOf(tag)?.pod ?? '');
    const entry = owner?.mesh?.report(owner.clockMs).tags.find((report) => report.tag === tag);
    const heirs = [owner, ...(entry?.standbysInSync ?? []).map((pod) => this.nodes.get(pod))];
    this.ledger.discarded(
      tag,
      node,
      heirs.filter((heir) => heir !== undefined),
    );
  }

  #check(): void {
    for (const tag of this.tags) {
      let actor: SimNode | undefined;
      for (const node of this.nodes.values()) {
        if (!node.mayAct(tag)) continue;
        if (actor !== undefined)
          throw new Error(
            `at ${this.nowMs.toFixed(1)} ms both ${actor.name} and ${node.name} may act for ${tag}`,
          );
        actor = node;
      }
    }
  }
}

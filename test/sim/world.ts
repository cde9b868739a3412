import type { MeshEffect, NoteCode, TagReport } from '../../src/gossip/index.ts';
import { Ledger } from './ledger.ts';
import { CALM, Network, type Weather } from './network.ts';
import { SimNode, type DiskFilter, type NodeOptions, type NodeParts, type SimRecord } from './node.ts';
import { seededRandom } from './random.ts';

export interface WorldOptions {
  pods: string[];
  witnesses?: string[];
  tags?: string[];
  preferred?: ReadonlyMap<string, string>;
  replicationFactor?: number;
  suspectAfterMs?: number;
  probeIntervalMs?: number;
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
  /** Hears the same as the log. */
  listener: (pod: string, effect: MeshEffect) => void = () => undefined;

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
      suspectAfterMs: options.suspectAfterMs ?? 1000,
      probeIntervalMs: options.probeIntervalMs ?? 100,
    };
    const { diskFilter } = options;
    for (const { pod, role } of members) this.add(pod, common, { role, ...(diskFilter && { diskFilter }) });
  }

  get nowMs(): number {
    return this.network.nowMs;
  }

  add(
    pod: string,
    options: NodeOptions,
    rest: Pick<NodeParts, 'diskFilter' | 'pod' | 'role' | 'store'> = {},
  ): SimNode {
    const observer = {
      effect: (node: SimNode, effect: MeshEffect): void => {
        this.#effect(node, effect);
      },
      stepped: (): void => {
        this.#check();
      },
    };
    const parts = { network: this.network, observer, options, ...rest };
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
      const table = node.records.get(tag) ?? new Map<string, SimRecord>();
      node.records.set(tag, table);
      const version = (table.get(key)?.version ?? 0) + 1;
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
    const own = reportOf(actor, tag);
    if (own === undefined) return [];
    const proxies = nodes.filter((node) => node.role === 'proxy');
    const wanted = Math.min(actor.options.replicationFactor ?? 2, proxies.length - 1);
    const problems = ownProblems(own, wanted, actor.records.get(tag)?.size ?? 0);
    for (const node of nodes) {
      if (node.mesh?.ownerOf(tag)?.pod !== actor.name)
        problems.push(`${node.name} knows another owner of ${tag}`);
      if (node !== actor && proxies.includes(node)) problems.push(...copyProblem(tag, node, own));
    }
    return problems;
  }

  #effect(node: SimNode, effect: MeshEffect): void {
    if (effect.kind === 'probe' || effect.kind === 'frame' || effect.kind === 'save') return;
    this.log.push({ atMs: this.nowMs, pod: node.name, effect });
    this.listener(node.name, effect);
    if (effect.kind === 'owner') this.ledger.owner(effect.tag, effect.owner);
    if (effect.kind === 'note' && effect.code === 'copies-discarded') this.#discarded(node, effect.tag);
    if (effect.kind === 'takenOver') this.#takenOver(node, effect.tag);
    if (effect.kind === 'acknowledged') this.ledger.acknowledged(node, effect, this.node(effect.pod));
  }

  /** Whoever takes over has what every holder has that it is in contact with. */
  #takenOver(node: SimNode, tag: string): void {
    const members = node.mesh?.report(node.clockMs).members ?? [];
    const reached = (pod: string, process: number): boolean =>
      this.nodes.get(pod)?.running === true &&
      this.nodes.get(pod)?.process === process &&
      members.some((member) => member.pod === pod && member.alive && member.linked) &&
      this.network.reaches(pod, node.name) &&
      this.network.reaches(node.name, pod);
    const missing = this.ledger.missing(
      tag,
      node,
      (pod, process) => pod !== node.name && reached(pod, process),
    );
    if (missing.length > 0)
      throw new Error(
        `${node.name} took ${tag} over without ${missing.map((record) => record.key).join(', ')}`,
      );
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

function reportOf(node: SimNode, tag: string): TagReport | undefined {
  return node.mesh?.report(node.clockMs).tags.find((entry) => entry.tag === tag);
}

/** The standbys are in sync, everything is acknowledged, and the mesh knows of what the program holds. */
function ownProblems(own: TagReport, wanted: number, held: number): string[] {
  const { tag, sequence, acknowledged, records } = own;
  const inSync = own.standbysInSync.length;
  const problems: string[] = [];
  if (inSync < wanted) problems.push(`${tag}: ${String(inSync)} of ${String(wanted)} standbys in sync`);
  if (wanted > 0 && acknowledged < sequence) problems.push(`${tag}: ${String(sequence)} not acknowledged`);
  if (held !== records)
    problems.push(`${tag}: the program has ${String(held)} records, the mesh ${String(records)}`);
  return problems;
}

/** A standby's copy is the owner's; who is no standby has none. */
function copyProblem(tag: string, node: SimNode, own: TagReport): string[] {
  const copy = reportOf(node, tag);
  if (own.standbys.includes(node.name))
    return copy?.digest === own.digest ? [] : [`${node.name}'s copy of ${tag} differs`];
  return (copy?.records ?? 0) > 0 ? [`${node.name} still has copies of ${tag}`] : [];
}

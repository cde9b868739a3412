import type { Owner } from '../../src/gossip/index.ts';
import type { SimNode } from './node.ts';

interface Entry {
  tag: string;
  key: string;
  epoch: number;
  version: number;
  sequence: number;
  end: boolean;
}

/** A record that a standby acknowledged: it must survive while one of these processes does. */
export interface Protected {
  tag: string;
  key: string;
  epoch: number;
  version: number;
  holders: Map<string, number>;
}

/** What was promised to the outside, kept apart from the meshes under test. */
export class Ledger {
  readonly #owners = new Map<string, Owner>();
  readonly #pending = new Map<string, Entry[]>();
  readonly protected: Map<string, Protected> = new Map<string, Protected>();
  /** Ends that were begun: such a record may be there or not. */
  readonly #ended = new Set<string>();
  /** Ends that a standby acknowledged: they must last while one of these processes does. */
  readonly #protectedEnds = new Map<string, Map<string, number>>();

  /** Every (tag, epoch) has one owner. */
  owner(tag: string, owner: Owner): void {
    const term = `${tag} ${String(owner.epoch)}`;
    const known = this.#owners.get(term);
    if (known !== undefined && (known.pod !== owner.pod || known.boot !== owner.boot))
      throw new Error(
        `epoch ${String(owner.epoch)} of ${tag} has two owners: ${known.boot} and ${owner.boot}`,
      );
    this.#owners.set(term, owner);
  }

  ownerOf(tag: string, epoch: number): Owner | undefined {
    return this.#owners.get(`${tag} ${String(epoch)}`);
  }

  /** A change or an end that waits for its acknowledgement. */
  put(node: SimNode, entry: Entry): void {
    if (entry.end) this.#ended.add(`${entry.tag} ${entry.key}`);
    const list = this.#pending.get(node.boot) ?? [];
    list.push(entry);
    this.#pending.set(node.boot, list);
  }

  acknowledged(node: SimNode, effect: { tag: string; sequence: number }, by: SimNode): void {
    const { tag, sequence } = effect;
    const list = this.#pending.get(node.boot) ?? [];
    const done = list.filter((entry) => entry.tag === tag && entry.sequence <= sequence);
    this.#pending.set(
      node.boot,
      list.filter((entry) => !done.includes(entry)),
    );
    for (const { key, epoch, version, end } of done) {
      const holders = new Map([[node.name, node.process]]);
      if (!node.catchingUp && by.process !== 0) holders.set(by.name, by.process);
      if (end) this.#protectedEnds.set(`${tag} ${key}`, holders);
      else this.protected.set(`${tag} ${key}`, { tag, key, epoch, version, holders });
    }
  }

  /** The owner told a pod to give its copies up: its standbys stand in for it. */
  discarded(tag: string, node: SimNode, heirs: readonly SimNode[]): void {
    const pass = (holders: Map<string, number>): void => {
      if (holders.get(node.name) !== node.process) return;
      holders.delete(node.name);
      for (const heir of heirs) holders.set(heir.name, heir.process);
    };
    for (const record of this.protected.values()) if (record.tag === tag) pass(record.holders);
    for (const [key, holders] of this.#protectedEnds) if (key.startsWith(`${tag} `)) pass(holders);
  }

  /** Protected records that the owner should have and does not. `alive`: whether that process still runs. */
  missing(tag: string, owner: SimNode, alive: (pod: string, process: number) => boolean): Protected[] {
    const table = owner.records.get(tag);
    return [...this.protected.values()].filter((record) => {
      if (record.tag !== tag || this.#ended.has(`${tag} ${record.key}`)) return false;
      if (![...record.holders].some(([pod, process]) => alive(pod, process))) return false;
      const held = table?.get(record.key);
      if (held === undefined) return true;
      return held.epoch < record.epoch || (held.epoch === record.epoch && held.version < record.version);
    });
  }

  /** Ended records that the owner holds live again, though a process that knows of the end still runs. */
  revived(tag: string, owner: SimNode, alive: (pod: string, process: number) => boolean): string[] {
    return [...(owner.records.get(tag)?.keys() ?? [])].filter((key) =>
      [...(this.#protectedEnds.get(`${tag} ${key}`) ?? [])].some(([pod, process]) => alive(pod, process)),
    );
  }
}

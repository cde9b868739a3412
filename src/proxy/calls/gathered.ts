import type { RecordCopy as MeshCopy } from '../../gossip/index.ts';
import type { RecordCopy } from './pod-message.ts';

/**
 * What other pods said of one tag's calls after this pod was elected and before it acts. The mesh may have collected
 * its copies earlier than that.
 */
export class Gathered {
  private readonly copies = new Map<string, MeshCopy>();
  private readonly ends = new Set<string>();

  add({ id: key, epoch, version, bytes }: RecordCopy): void {
    const known = this.copies.get(key);
    if (known && !isNewer({ epoch, version }, known)) return;
    // The bytes are only lent.
    this.copies.set(key, { key, epoch, version, bytes: bytes.slice(), doubtful: false });
  }

  end(id: string): void {
    this.ends.add(id);
  }

  /** The copies of the mesh, each replaced by a newer one where there is one. */
  merge(copies: readonly MeshCopy[]): MeshCopy[] {
    const all = new Map(copies.map((copy) => [copy.key, copy]));
    for (const [key, copy] of this.copies) {
      const known = all.get(key);
      if (!known || isNewer(copy, known)) all.set(key, copy);
    }
    return [...all.values()].filter(({ key }) => !this.ends.has(key));
  }
}

type Version = Pick<MeshCopy, 'epoch' | 'version'>;

/** OWNERSHIP section 6: the higher (epoch, version) wins. */
function isNewer(one: Version, other: Version): boolean {
  return one.epoch > other.epoch || (one.epoch === other.epoch && one.version > other.version);
}

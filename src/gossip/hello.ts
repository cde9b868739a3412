import type { MeshCore } from './core.ts';
import type { Hello, Position } from './message.ts';
import type { Voter } from './voter.ts';

/** Who this process is, and which copies it has; what it owns, or still believes to own, is a copy without a position. */
export function hello(core: MeshCore, voter: Voter): Hello {
  const positions: Position[] = [];
  for (const { tag, store, owning, copy } of core.tags.values())
    if (!store.empty || copy.synced)
      positions.push({ tag, ...(owning === undefined ? copy : { epoch: 0, sequence: 0, synced: false }) });
  return { kind: 'hello', boot: core.boot, voterId: voter.voterId, positions };
}

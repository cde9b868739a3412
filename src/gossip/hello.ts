import type { MeshCore } from './core.ts';
import type { Hello, Position } from './message.ts';
import type { Voter } from './voter.ts';

/** Who this process is, and which copies it has. */
export function hello(core: MeshCore, voter: Voter): Hello {
  const positions: Position[] = [];
  for (const { tag, store, owning, copy } of core.tags.values())
    if (owning === undefined && (!store.empty || copy.synced)) positions.push({ tag, ...copy });
  return { kind: 'hello', boot: core.boot, voterId: voter.voterId, positions };
}

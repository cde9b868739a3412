import type { Place } from './directory.ts';

/** A pod that could hold copies. */
export interface StandbyCandidate extends Place {
  pod: string;
  /** Named by the tag's placement. */
  wished: boolean;
}

/**
 * The pods that should hold copies, in the order of succession. `candidates` come in the order of preference; nodes go before wishes,
 * since a copy beside the owner, or two on one node, die together. Zones are spread where nobody wished otherwise.
 */
export function chooseStandbys(
  owner: Place,
  candidates: readonly StandbyCandidate[],
  count: number,
): StandbyCandidate[] {
  const open = [...candidates];
  const chosen: StandbyCandidate[] = [];
  while (chosen.length < count && open.length > 0) {
    const costs = open.map((candidate) => costOf(candidate, owner, chosen));
    const best = costs.reduce((least, cost, index) => (isLess(cost, costs[least]) ? index : least), 0);
    chosen.push(...open.splice(best, 1));
  }
  return chosen;
}

/** On the owner's node; copies on the same node; not wished; copies in the same zone. */
function costOf(candidate: StandbyCandidate, owner: Place, chosen: readonly StandbyCandidate[]): number[] {
  const { node, zone, wished } = candidate;
  const same = (a: string, b: string): boolean => a !== '' && a === b;
  return [
    Number(same(node, owner.node)),
    chosen.filter((other) => same(node, other.node)).length,
    Number(!wished),
    wished ? 0 : [owner, ...chosen].filter((other) => same(zone, other.zone)).length,
  ];
}

function isLess(cost: readonly number[], than: readonly number[] = []): boolean {
  const differs = cost.findIndex((part, index) => part !== than[index]);
  return differs >= 0 && (cost[differs] ?? 0) < (than[differs] ?? 0);
}

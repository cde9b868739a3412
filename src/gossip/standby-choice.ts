import type { Place } from './directory.ts';

/** A pod that could hold copies. */
export interface StandbyCandidate extends Place {
  pod: string;
  /** Named by the tag's placement. */
  wished: boolean;
}

/**
 * The pods that should hold copies, in the order of succession, at least `count` of them. `candidates` come in the order of
 * preference. Wishes are met, all of them: who wishes knows the nodes, and a pod that is to take the tag must hold it first. Of the
 * others, one beside the owner comes last, then one beside a copy: they die together.
 */
export function chooseStandbys(
  owner: Place,
  candidates: readonly StandbyCandidate[],
  count: number,
): StandbyCandidate[] {
  const open = [...candidates];
  const chosen: StandbyCandidate[] = [];
  const wanted = Math.max(count, candidates.filter((candidate) => candidate.wished).length);
  while (chosen.length < wanted && open.length > 0) {
    const costs = open.map((candidate) => costOf(candidate, owner, chosen));
    const best = costs.reduce((least, cost, index) => (isLess(cost, costs[least]) ? index : least), 0);
    chosen.push(...open.splice(best, 1));
  }
  return chosen;
}

/** Not wished; on the owner's node; copies on the same node; copies in the same zone. */
function costOf(candidate: StandbyCandidate, owner: Place, chosen: readonly StandbyCandidate[]): number[] {
  const { node, zone, wished } = candidate;
  const same = (a: string, b: string): boolean => a !== '' && a === b;
  if (wished) return [0];
  return [
    1,
    Number(same(node, owner.node)),
    chosen.filter((other) => same(node, other.node)).length,
    [owner, ...chosen].filter((other) => same(zone, other.zone)).length,
  ];
}

function isLess(cost: readonly number[], than: readonly number[] = []): boolean {
  const differs = cost.findIndex((part, index) => part !== than[index]);
  return differs >= 0 && (cost[differs] ?? 0) < (than[differs] ?? 0);
}

import type { MeshReport } from '../gossip/index.ts';

/** What readiness depends on beside the mesh. */
export interface Duties {
  /** A witness votes; it has no part in any tag. */
  readonly role: 'proxy' | 'witness';
  readonly draining: boolean;
  /** Why the pod is to be emptied; undefined if it is not. */
  readonly cordon?: string | undefined;
  /** Listeners that are closed until an operator says what they advertise. */
  readonly untold?: readonly string[];
}

/** Why a pod is not ready (DESIGN §8), '' if it is: in the roster in force, with a majority, all its tags settled. */
export function unreadyReason(report: MeshReport, { role, draining, cordon, untold = [] }: Duties): string {
  const { roster, members, tags } = report;
  if (draining) return 'draining: hands over its tags';
  if (cordon !== undefined) return `cordoned: ${cordon}`;
  if (untold.length > 0) return `not told: no operator has said what ${untold.join(', ')} advertise`;
  if (roster.conflict) return `roster conflict: another list has the number ${String(roster.number)}`;
  if (!report.majorityAlive)
    return `isolated: hears ${aliveOf(members)}, and a majority is ${String(roster.majority)}`;
  if (!report.voter) return `not joined: its id is not in roster ${String(roster.number)} yet`;
  return role === 'witness' ? '' : unsettledReason(tags);
}

/** One tag that is not settled is enough: a rollout waits for readiness before it takes the next pod away. */
function unsettledReason(tags: MeshReport['tags']): string {
  if (tags.length === 0) return 'knows no sharing tag: neither its config nor an operator names one';
  const orphans = tags.filter(({ owner }) => owner === undefined);
  if (orphans.length > 0) return `no owner is known of ${namesOf(orphans)}`;
  const isolated = tags.filter(({ phase }) => phase === 'isolated');
  if (isolated.length > 0) return `isolated: no lease for ${namesOf(isolated)}`;
  const gathering = tags.filter(({ phase }) => phase === 'gathering');
  if (gathering.length > 0) return `not in sync: fetches the copies of ${namesOf(gathering)}`;
  const behind = tags.filter(({ role, inSync }) => role === 'standby' && !inSync);
  return behind.length > 0 ? `not in sync: its copy of ${namesOf(behind)} is not complete` : '';
}

function namesOf(tags: MeshReport['tags']): string {
  return tags.map(({ tag }) => tag).join(', ');
}

function aliveOf(members: MeshReport['members']): string {
  const alive = members.filter((member) => member.alive).map(({ pod }) => pod);
  return alive.length === 0 ? 'no other member' : `only ${alive.join(', ')}`;
}

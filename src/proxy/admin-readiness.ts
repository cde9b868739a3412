import type { MeshReport } from '../gossip/index.ts';

/** What readiness depends on beside the mesh. */
export interface Duties {
  /** A witness votes; it has no part in any tag. */
  readonly role: 'proxy' | 'witness';
  readonly draining: boolean;
}

/** Why a pod is not ready (DESIGN §8), '' if it is: in the roster in force, with a majority, and of use for a tag. */
export function unreadyReason(report: MeshReport, { role, draining }: Duties): string {
  const { roster, members, tags } = report;
  if (draining) return 'draining: hands over its tags';
  if (roster.conflict) return `roster conflict: another list has the number ${String(roster.number)}`;
  if (!report.majorityAlive)
    return `isolated: hears ${aliveOf(members)}, and a majority is ${String(roster.majority)}`;
  if (!report.voter) return `not joined: its id is not in roster ${String(roster.number)} yet`;
  return role === 'witness' ? '' : idleReason(tags);
}

function idleReason(tags: MeshReport['tags']): string {
  const isOfUse = tags.some(
    ({ role, phase, inSync }) =>
      (role === 'owner' && (phase === 'active' || phase === 'paused')) || (role === 'standby' && inSync),
  );
  if (isOfUse) return '';
  const owned = tags.filter(({ role }) => role === 'owner');
  if (owned.some(({ phase }) => phase === 'isolated')) return 'isolated: its lease has run out';
  if (owned.length > 0) return `not in sync: fetches the copies of ${namesOf(owned)}`;
  const standby = tags.filter(({ role }) => role === 'standby');
  if (standby.length > 0) return `not in sync: its copy of ${namesOf(standby)} is not complete`;
  const orphans = tags.filter(({ owner }) => owner === undefined);
  return orphans.length > 0 ? `no owner is known of ${namesOf(orphans)}` : '';
}

function namesOf(tags: MeshReport['tags']): string {
  return tags.map(({ tag }) => tag).join(', ');
}

function aliveOf(members: MeshReport['members']): string {
  const alive = members.filter((member) => member.alive).map(({ pod }) => pod);
  return alive.length === 0 ? 'no other member' : `only ${alive.join(', ')}`;
}

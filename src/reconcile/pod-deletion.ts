import { eventTypeOf } from '../api/event-reasons.ts';
import type { RosterMember } from '../api/sip-cluster-type.ts';
import { hasFailedAtOnce } from './failed-pods.ts';
import { dialogsOn, tagsOn } from './load.ts';
import { countsAsCapacity, type Leaving } from './leaving.ts';
import { askedSinceMs, type Move } from './moves.ts';
import type { Step } from './plan-type.ts';
import type { PodView } from './pod-view.ts';
import type { World } from './world.ts';

/** An owner that was asked to hand over and has not done so is deleted; its standbys take over (OWNERSHIP 5). */
const HAND_OVER_LIMIT_MS = 10_000;

/** What the checks of a deletion read. */
export interface DeletionView {
  world: World;
  leaving: ReadonlyMap<string, Leaving>;
  moves: readonly Move[];
  /** Members that the roster has, and those that it should come to have. */
  members: readonly RosterMember[];
  target: readonly RosterMember[];
}

/** Why a pod may not be deleted yet; '' if nothing speaks against it. */
type Check = (pod: PodView, view: DeletionView) => string;

/** All of them must pass; the first that does not is the reason to wait. */
const CHECKS: readonly Check[] = [successorIsMissing, ownsTags, holdsLastCopy, isStillVoter];

/** Pods to be deleted now, each with its Event: the dead, and those that go by the operator's will and are empty. */
export function deletionSteps(view: DeletionView): Step[] {
  return view.world.pods.flatMap((pod) => {
    const note = reasonToDelete(pod, view);
    if (note === undefined) return [];
    return [
      { type: 'deletePod', name: pod.name, uid: pod.uid, reason: note },
      {
        type: 'event',
        about: { kind: 'Pod', name: pod.name, uid: pod.uid },
        eventType: eventTypeOf('PodDeleted'),
        eventReason: 'PodDeleted',
        ...{ note, reason: note },
      },
    ];
  });
}

/** When an owner that does not hand over is deleted, if one is waited for; else Infinity. */
export function deletionDueAtMs({ moves, world }: DeletionView): number {
  const dues = moves.map((move) => (askedSinceMs(move) ?? world.nowMs) + HAND_OVER_LIMIT_MS);
  return Math.min(Infinity, ...dues.filter((due) => due > world.nowMs));
}

function reasonToDelete(pod: PodView, view: DeletionView): string | undefined {
  if (pod.terminating) return undefined;
  if (pod.dead) return hasFailedAtOnce(pod, view.world) ? undefined : `${pod.name} has ended`;
  const leaving = view.leaving.get(pod.name);
  if (leaving === undefined || !goesForGood(leaving, view.world)) return undefined;
  return CHECKS.every((check) => check(pod, view) === '') ? `${leaving.reason}; it is empty` : undefined;
}

/** Without surge a pod on a cordoned node is left to its eviction: there may be no other place for it. */
function goesForGood(leaving: Leaving, { spec }: World): boolean {
  if (leaving.cause === 'NodeCordoned') return spec.rollout.maxSurge > 0;
  return !countsAsCapacity(leaving);
}

/** With surge the new pod is ready before the old one goes. */
function successorIsMissing(pod: PodView, { world, leaving }: DeletionView): string {
  if (world.spec.rollout.maxSurge === 0 || leaving.get(pod.name)?.cause === 'ScaleIn') return '';
  const ready = world.pods.filter(
    (each) => !each.dead && each.ready && countsAsCapacity(leaving.get(each.name)),
  );
  return ready.length >= world.spec.replicas ? '' : 'its successor is not ready';
}

function ownsTags(pod: PodView, { world, moves }: DeletionView): string {
  const count = tagsOn(pod, world);
  if (count === 0 || isIdleAndAlone(pod, world)) return '';
  const late = moves.filter((move) => move.from === pod && isLate(move, world));
  return late.length === count ? '' : `it owns ${count} tags`;
}

/** A single pod without calls has nobody to hand its tags to, and nothing to hand over. */
function isIdleAndAlone(pod: PodView, world: World): boolean {
  return world.pods.every((each) => each === pod || each.dead) && dialogsOn(pod, world) === 0;
}

function isLate(move: Move, { nowMs }: World): boolean {
  const since = askedSinceMs(move);
  return move.asked && since !== undefined && nowMs - since >= HAND_OVER_LIMIT_MS;
}

/** A copy that is in sync and on a pod that stays must be left to every tag that has one on this pod. */
function holdsLastCopy(pod: PodView, { world, leaving }: DeletionView): string {
  const staying = world.pods.filter((each) => !each.dead && each !== pod && !leaving.has(each.name));
  const needed = world.tags.find(({ owner, standbysInSync }) => {
    const holders = [...standbysInSync, owner?.member ?? ''];
    const others = staying.filter((each) => each !== owner && holders.includes(each.member));
    return (
      standbysInSync.includes(pod.member) && others.length === 0 && staying.some((each) => each !== owner)
    );
  });
  return needed === undefined ? '' : `it holds the only copy of ${needed.tag}`;
}

/** A voter that keeps its place until its successor has joined may go; one that only has to be struck off waits for that. */
function isStillVoter(pod: PodView, { members, target }: DeletionView): string {
  const isIn = (list: readonly RosterMember[]): boolean => list.some((member) => member.pod === pod.member);
  return isIn(members) && !isIn(target) ? 'it is struck off the roster first' : '';
}

import { podNameOf } from '../api/member-id.ts';
import type { Goal, Places } from './goal.ts';
import { compareText, timeOf, type PodView } from './pod-view.ts';
import { compareLists } from './surplus.ts';
import type { TagView } from './tag-view.ts';
import type { World } from './world.ts';

/** How long a pod that must be empty waits for a receiver to get a copy while another one has one. */
const SYNC_LIMIT_MS = 5000;

/** How many tags and dialogs each pod has in the goal so far. */
export class Spread {
  readonly #world: World;
  readonly #places: Places;
  readonly #total = new Map<PodView, { tags: number; dialogs: number }>();

  constructor(world: World, places: Places) {
    this.#world = world;
    this.#places = places;
  }

  /** A tag whose owner is settled. */
  count(tag: TagView, owner: PodView): void {
    const { tags, dialogs } = this.#load(owner);
    this.#total.set(owner, { tags: tags + 1, dialogs: dialogs + tag.dialogs });
  }

  /** Spreads the tags of one group: no pod gets two more than another, and only as many move as must. */
  even(tags: readonly TagView[]): Goal[] {
    const { eligible } = this.#places;
    const kept = new Map(eligible.map((pod) => [pod, tags.filter((tag) => tag.owner === pod)]));
    const quota = this.#quotas(kept, tags.length);
    const goals: Goal[] = [];
    const homeless = tags.filter((tag) => tag.owner === undefined || !kept.has(tag.owner));
    for (const [pod, own] of kept) {
      const surplus = this.#world.spec.rebalance.enabled ? own.length - (quota.get(pod) ?? 0) : 0;
      const released = releaseOrder(own).slice(0, Math.max(0, surplus));
      homeless.push(...released);
      for (const tag of own.filter((each) => !released.includes(each)))
        goals.push(this.#settle(tag, pod, undefined));
    }
    const room = new Map(eligible.map((pod) => [pod, (quota.get(pod) ?? 0) - ownedIn(goals, pod)]));
    return [...goals, ...this.#house(homeless, room)];
  }

  /** How many tags of a group each pod should have: whoever has more of them already may have one more. */
  #quotas(kept: ReadonlyMap<PodView, readonly TagView[]>, count: number): Map<PodView, number> {
    const pods = [...kept.keys()].sort((left, right) => {
      const had = (kept.get(right)?.length ?? 0) - (kept.get(left)?.length ?? 0);
      return had || this.#byLoad(left, right);
    });
    const floor = Math.floor(count / Math.max(1, pods.length));
    const more = count - floor * pods.length;
    return new Map(pods.map((pod, index) => [pod, index < more ? floor + 1 : floor]));
  }

  /** Gives tags without a place to pods with room, the heaviest first. */
  #house(tags: readonly TagView[], room: Map<PodView, number>): Goal[] {
    const heaviestFirst = [...tags].sort(
      (left, right) => right.dialogs - left.dialogs || compareText(left.tag, right.tag),
    );
    return heaviestFirst.map((tag) => {
      const pod = this.#bestPlace(tag, room);
      if (pod === undefined) return { tag, owner: tag.owner, move: undefined, refused: undefined };
      room.set(pod, (room.get(pod) ?? 0) - 1);
      return this.#settle(tag, pod, this.#whyMove(tag, pod));
    });
  }

  /** A pod with room; among those the one it is on its way to, then one that holds everything, then the least loaded. */
  #bestPlace(tag: TagView, room: ReadonlyMap<PodView, number>): PodView | undefined {
    const { eligible, receivers, leaving } = this.#places;
    const mustMoveNow = tag.owner !== undefined && leaving.has(tag.owner.name);
    const pods = mustMoveNow ? receivers : eligible;
    const isLate = mustMoveNow && isHeldUp(tag, this.#world.nowMs);
    const keys = new Map(
      pods.map((pod) => {
        const isLacking = tag.standbysInSync.includes(pod.member) ? 0 : 1;
        const isElsewhere = tag.shard.status?.pendingMove?.to === pod.name ? 0 : 1;
        const isGoing = mustMoveNow && isLacking + isElsewhere === 0;
        const left = room.get(pod) ?? 0;
        const lack = left > 0 ? 0 : 1 - left;
        return [pod, [isGoing ? 0 : 1, isLate ? isLacking : 0, lack, isElsewhere, isLacking]];
      }),
    );
    const [best] = [...pods].sort(
      (left, right) => compareLists(keys.get(left) ?? [], keys.get(right) ?? []) || this.#byLoad(left, right),
    );
    return best;
  }

  #whyMove({ owner }: TagView, to: PodView): Goal['move'] {
    if (owner === undefined || owner === to) return undefined;
    const leaving = this.#places.leaving.get(owner.name);
    if (leaving !== undefined) return leaving;
    return { cause: 'Rebalance', reason: `${to.name} has fewer tags than ${owner.name}` };
  }

  #settle(tag: TagView, owner: PodView, move: Goal['move']): Goal {
    this.count(tag, owner);
    return { tag, owner, move, refused: undefined };
  }

  #load(pod: PodView): { tags: number; dialogs: number } {
    return this.#total.get(pod) ?? { tags: 0, dialogs: 0 };
  }

  #byLoad(left: PodView, right: PodView): number {
    const [first, second] = [this.#load(left), this.#load(right)];
    return first.tags - second.tags || first.dialogs - second.dialogs || compareText(left.name, right.name);
  }
}

/** Whether a move has waited long for a receiver that still lacks something: a pod that holds everything is better then. */
function isHeldUp({ shard, standbysInSync }: TagView, nowMs: number): boolean {
  const pending = shard.status?.pendingMove;
  if (pending === undefined || nowMs - timeOf(pending.askedAt) < SYNC_LIMIT_MS) return false;
  return !standbysInSync.some((member) => podNameOf(member) === pending.to);
}

function ownedIn(goals: readonly Goal[], pod: PodView): number {
  return goals.filter((goal) => goal.owner === pod).length;
}

/** What goes first from a pod that has too many: what is on its way already, then what has the fewest dialogs. */
function releaseOrder(tags: readonly TagView[]): TagView[] {
  const key = (tag: TagView): number[] => [
    tag.shard.status?.pendingMove?.cause === 'Rebalance' ? 0 : 1,
    tag.dialogs,
  ];
  return [...tags].sort(
    (left, right) => compareLists(key(left), key(right)) || compareText(left.tag, right.tag),
  );
}

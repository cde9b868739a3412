import type { Goal, Places } from './goal.ts';
import { countsAsCapacity } from './leaving.ts';
import type { PodView } from './pod-view.ts';
import { compareLists } from './surplus.ts';
import type { TagView } from './tag-view.ts';
import type { World } from './world.ts';

/** Who should own a tag for now and who should hold copies, as it is told to the pods. */
export interface Placement {
  tag: TagView;
  /** The present owner while there is one, else who should claim the tag first. */
  owner: PodView | undefined;
  standbys: PodView[];
}

/**
 * Standbys of every tag: first who is to receive it, then pods on other nodes than its owner and each other, in other zones, those
 * that hold a copy already, and those that hold the fewest.
 */
export function placeStandbys(
  world: World,
  places: Places,
  goals: readonly Goal[],
  receiverOf: (tag: TagView) => PodView | undefined,
): Placement[] {
  const holders = world.pods.filter((pod) => mayHold(pod, places));
  const held = new Map<PodView, number>();
  return goals.map((goal) => {
    const { tag } = goal;
    const owner = tag.owner ?? goal.owner;
    const standbys =
      owner === undefined ? [] : chooseFor({ world, places, holders, held }, tag, owner, receiverOf(tag));
    for (const pod of standbys) held.set(pod, (held.get(pod) ?? 0) + 1);
    return { tag, owner, standbys };
  });
}

/** How many standbys a tag can have at most. */
export function possibleStandbys({ spec, pods }: World, places: Places): number {
  const holders = pods.filter((pod) => mayHold(pod, places)).length;
  return Math.max(0, Math.min(spec.replication.factor, holders - 1));
}

interface Choice {
  world: World;
  places: Places;
  holders: readonly PodView[];
  /** Copies that each pod holds by the choices so far. */
  held: ReadonlyMap<PodView, number>;
}

/** A pod that is back after its cordon holds copies until then, if nobody else can. */
function mayHold(pod: PodView, { leaving }: Places): boolean {
  return !pod.dead && !pod.terminating && pod.joined && countsAsCapacity(leaving.get(pod.name));
}

function chooseFor(choice: Choice, tag: TagView, owner: PodView, receiver: PodView | undefined): PodView[] {
  const count = choice.world.spec.replication.factor;
  const chosen: PodView[] = [];
  if (receiver !== undefined && receiver !== owner) chosen.push(receiver);
  while (chosen.length < count) {
    const rest = choice.holders.filter((pod) => pod !== owner && !chosen.includes(pod));
    const best = leastBy(rest, (pod) => costs(choice, pod, tag, [owner, ...chosen]));
    if (best === undefined) break;
    chosen.push(best);
  }
  return chosen;
}

/** What speaks against a pod, the worst first. */
function costs(
  { places, held }: Choice,
  pod: PodView,
  { standbys }: TagView,
  copies: readonly PodView[],
): number[] {
  const [owner] = copies;
  const index = standbys.indexOf(pod.member);
  return [
    places.leaving.has(pod.name) ? 1 : 0,
    owner !== undefined && isSame(pod.node, owner.node) ? 1 : 0,
    copies.filter((copy) => isSame(pod.node, copy.node)).length,
    copies.filter((copy) => isSame(pod.zone, copy.zone)).length === copies.length ? 1 : 0,
    index < 0 ? standbys.length : index,
    held.get(pod) ?? 0,
  ];
}

/** Two places that are known and equal. */
function isSame(left: string, right: string): boolean {
  return left !== '' && left === right;
}

function leastBy(pods: readonly PodView[], costsOf: (pod: PodView) => number[]): PodView | undefined {
  let best: { pod: PodView; costs: number[] } | undefined;
  for (const pod of pods) {
    const found = costsOf(pod);
    if (best === undefined || compareLists(found, best.costs) < 0) best = { pod, costs: found };
  }
  return best?.pod;
}

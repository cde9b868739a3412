import { ANNOTATIONS } from '../api/annotations.ts';
import { drainReason } from './drained-nodes.ts';
import { lastMove } from './last-move.ts';
import type { Leaving } from './leaving.ts';
import { compareText, type PodView } from './pod-view.ts';
import type { Goal, Places } from './goal.ts';
import { Spread } from './spread.ts';
import type { TagView } from './tag-view.ts';
import type { World } from './world.ts';

/** Which pods may get tags: voters of the roster that stay, and will stay. */
export function viewPlaces(
  world: World,
  leaving: ReadonlyMap<string, Leaving>,
  members: readonly { pod: string }[],
): Places {
  const isVoter = (pod: PodView): boolean =>
    !pod.dead && pod.joined && members.some((member) => member.pod === pod.member);
  const eligible = world.pods.filter(
    (pod) => isVoter(pod) && !leaving.has(pod.name) && drainReason(pod, world) === undefined,
  );
  return { leaving, eligible, receivers: eligible.filter((pod) => pod.ready && pod.reachable) };
}

/** The goal of every tag: wishes first, then as few moves as make the tags of each group even over the pods. */
export function planOwners(world: World, places: Places): Goal[] {
  const wished = world.tags.flatMap((tag) => wishOf(tag, world, places) ?? []);
  const others = world.tags.filter((tag) => !wished.some((goal) => goal.tag === tag));
  const spread = new Spread(world, places);
  for (const { tag, owner } of wished) if (owner !== undefined) spread.count(tag, owner);
  const groups = [...new Set(others.map((tag) => tag.group))].sort();
  const goals = groups.flatMap((group) => spread.even(others.filter((tag) => tag.group === group)));
  return [...wished, ...goals].sort((left, right) => compareText(left.tag.tag, right.tag.tag));
}

/** The goal of a tag that a person named a pod for, of one that was moved by hand, and of one that does not answer. */
function wishOf(tag: TagView, world: World, places: Places): Goal | undefined {
  return (
    byHand(tag, places) ?? movedByHand(tag, world, places) ?? preferred(tag, places) ?? unmoved(tag, places)
  );
}

function byHand(tag: TagView, { leaving, receivers }: Places): Goal | undefined {
  const to = tag.shard.metadata.annotations?.[ANNOTATIONS.moveTo.key] ?? '';
  if (to === '' || tag.owner?.name === to) return undefined;
  const owner = receivers.find((pod) => pod.name === to);
  if (owner !== undefined) {
    const reason = `${tag.shard.metadata.name} was asked to go to ${to}`;
    return { tag, owner, move: { cause: 'ByHand', reason }, refused: undefined };
  }
  // Its owner may have to go all the same.
  if (tag.owner === undefined || leaving.has(tag.owner.name)) return undefined;
  const refused = { to, why: `${to} cannot take it: it is no ready pod of the roster that stays` };
  return { tag, owner: tag.owner, move: undefined, refused };
}

function preferred(tag: TagView, { eligible, receivers }: Places): Goal | undefined {
  const pods = tag.owner === undefined ? eligible : receivers;
  for (const name of tag.spec.preferredPods) {
    const isThere = tag.owner?.name === name && eligible.includes(tag.owner);
    const owner = isThere ? tag.owner : pods.find((pod) => pod.name === name);
    if (owner === undefined) continue;
    const reason = `${name} is preferred for ${tag.shard.metadata.name}`;
    const move = tag.owner === undefined || isThere ? undefined : ({ cause: 'Preferred', reason } as const);
    return { tag, owner, move, refused: undefined };
  }
  return undefined;
}

/** A tag that a person moved stays where it is until its owner has to go, though other pods are preferred or have fewer tags. */
function movedByHand(tag: TagView, world: World, { leaving }: Places): Goal | undefined {
  const { owner, shard } = tag;
  if (owner === undefined || leaving.has(owner.name)) return undefined;
  // The second while its new owner has not told of the takeover yet.
  const moves = [lastMove(tag, world, leaving), shard.status?.pendingMove];
  const isByHand = moves.some((move) => move?.cause === 'ByHand' && move.to === owner.name);
  return isByHand ? { tag, owner, move: undefined, refused: undefined } : undefined;
}

/** Tags of a pod that is neither to be emptied nor among the eligible stay. */
function unmoved(tag: TagView, { leaving, eligible }: Places): Goal | undefined {
  const { owner } = tag;
  if (owner === undefined || leaving.has(owner.name) || eligible.includes(owner)) return undefined;
  return { tag, owner, move: undefined, refused: undefined };
}

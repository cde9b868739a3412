import type { TagStatus } from '../api/pod-report.ts';
import type { TakeoverReport } from '../api/control.ts';
import type { DialogShardSpec } from '../api/dialog-shard-type.ts';
import type { ObservedShard } from './observed.ts';
import { compareText, type PodView } from './pod-view.ts';

/** A sharing tag with what the pods say of it. */
export interface TagView {
  tag: string;
  group: string;
  shard: ObservedShard;
  spec: DialogShardSpec;
  /** Member id of the newest owner that anybody knows, '' if none, in that epoch. */
  ownerMember: string;
  epoch: number;
  /** The owner, if it is a pod that is not dead. */
  owner: PodView | undefined;
  /** What the owner says of the tag; undefined while it does not answer. */
  said: TagStatus | undefined;
  /** Member ids. */
  standbys: string[];
  standbysInSync: string[];
  dialogs: number;
  /** The takeover in that epoch, if its pod told of it. */
  takeover: TakeoverReport | undefined;
  /** The one by which the owner got the tag: before that one, if the owner has only renewed its claim since. */
  arrival: TakeoverReport | undefined;
}

/** The tags of the shards that take part, by tag. */
export function viewTags(shards: readonly ObservedShard[], pods: readonly PodView[]): TagView[] {
  const living = pods.filter((pod) => !pod.dead);
  return shards
    .flatMap((shard) => (shard.spec === undefined ? [] : [viewTag(shard, shard.spec, living)]))
    .sort((left, right) => compareText(left.tag, right.tag));
}

function viewTag(shard: ObservedShard, spec: DialogShardSpec, living: readonly PodView[]): TagView {
  const newest = newestWord(spec.tag, living);
  const owner = living.find((pod) => pod.member === newest.owner);
  const said = owner === undefined ? undefined : wordOf(owner, spec.tag);
  const tells = said?.role === 'owner' && said.epoch === newest.epoch ? said : undefined;
  const takeover = living
    .flatMap((pod) => takeoversOf(pod, spec.tag))
    .find((each) => each.epoch === newest.epoch);
  return {
    tag: spec.tag,
    group: spec.group,
    shard,
    spec,
    ownerMember: newest.owner,
    epoch: newest.epoch,
    owner,
    said: owner?.reachable === true ? tells : undefined,
    standbys: [...(tells?.standbys ?? [])],
    standbysInSync: [...(tells?.standbysInSync ?? [])],
    dialogs: dialogsOf(owner, spec.tag, takeover),
    takeover,
    arrival: arrivalOf(owner, takeover),
  };
}

/** The higher epoch wins; in one epoch the owner's own word, then the first. */
function newestWord(tag: string, living: readonly PodView[]): { owner: string; epoch: number } {
  const words = living.flatMap((pod) => {
    const word = wordOf(pod, tag);
    return word === undefined || word.owner === '' || !(word.epoch > 0)
      ? []
      : [{ owner: word.owner, epoch: word.epoch, isOwn: word.owner === pod.member }];
  });
  words.sort((left, right) => right.epoch - left.epoch || Number(right.isOwn) - Number(left.isOwn));
  return words[0] ?? { owner: '', epoch: 0 };
}

function wordOf(pod: PodView, tag: string): TagStatus | undefined {
  return pod.report?.status.tags.find((each) => each.tag === tag);
}

function takeoversOf(pod: PodView, tag: string): TakeoverReport[] {
  return pod.report?.takeovers.filter((each) => each.tag === tag) ?? [];
}

/** For a renewal, the owner's newest takeover that was none. */
function arrivalOf(
  owner: PodView | undefined,
  takeover: TakeoverReport | undefined,
): TakeoverReport | undefined {
  if (owner === undefined || takeover?.claim !== 'renew') return takeover;
  return takeoversOf(owner, takeover.tag)
    .filter(({ claim }) => claim !== 'renew')
    .sort((left, right) => right.epoch - left.epoch)[0];
}

/** A pod that has not counted since it took the tag over has the dialogs that came with it. */
function dialogsOf(owner: PodView | undefined, tag: string, takeover: TakeoverReport | undefined): number {
  const count = owner?.report?.dialogs[tag] ?? takeover?.dialogs;
  return count !== undefined && count >= 0 ? count : 0;
}

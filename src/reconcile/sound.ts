import type { ControlReport, TakeoverReport } from '../api/control.ts';
import type {
  DialogShardStatus,
  MoveCause,
  MoveRecord,
  PendingMove,
  ShardVote,
} from '../api/dialog-shard-type.ts';
import type { Condition } from '../api/object-type.ts';
import type { MemberStatus, PodStatus, TagStatus } from '../api/pod-report.ts';
import { MOVE_CAUSES } from '../api/reasons.ts';
import type {
  ClusterPodStatus,
  RosterMember,
  RosterStatus,
  SipClusterStatus,
} from '../api/sip-cluster-type.ts';
import type { Observed } from './observed.ts';
import {
  anything,
  count,
  counts,
  fields,
  flag,
  isObject,
  listOf,
  optional,
  optionalCount,
  optionalFlag,
  optionalText,
  text,
  texts,
  word,
  type Sound,
} from './sound-value.ts';

/**
 * The same world with everything in place that its types promise: a status may have been edited or cut by anybody, and a pod of
 * another version may say less. A roster without number or members is none.
 */
export function soundWorld(observed: Observed): Observed {
  const { cluster, shards, pods } = observed;
  return {
    ...observed,
    cluster: { ...cluster, status: ifObject(clusterStatus)(cluster.status) },
    shards: shards.map((shard) => ({ ...shard, status: ifObject(shardStatus)(shard.status) })),
    pods: pods.map((pod) => ({ ...pod, report: ifObject(report)(pod.report) })),
  };
}

function ifObject<T>(sound: Sound<T>): Sound<T | undefined> {
  return optional(sound, isObject);
}

const [firstCause = 'Unknown', ...otherCauses] = Object.keys(MOVE_CAUSES) as MoveCause[];
const cause: Sound<MoveCause> = (value) => word('Unknown', firstCause, ...otherCauses)(value);

const condition: Sound<Condition> = fields<Condition>({
  type: text,
  status: word('Unknown', 'True', 'False'),
  reason: text,
  message: text,
  observedGeneration: count,
  lastTransitionTime: text,
});

const rosterMember: Sound<RosterMember> = fields<RosterMember>({
  pod: text,
  role: word('proxy', 'witness'),
  mesh: text,
});

const wholeRoster: Sound<RosterStatus> = fields<RosterStatus>({
  number: count,
  generation: count,
  members: (value) => listOf(rosterMember)(value).filter((member) => member.pod !== ''),
  floor: counts,
  handledRequest: optionalText,
  adoptedAt: optionalText,
});

const roster: Sound<RosterStatus | undefined> = (value) => {
  const found = wholeRoster(value);
  return found.number > 0 && found.members.length > 0 ? found : undefined;
};

const clusterPod: Sound<ClusterPodStatus> = fields<ClusterPodStatus>({
  name: text,
  uid: text,
  node: text,
  address: text,
  ready: flag,
  phase: word('Starting', 'Joining', 'Ready', 'Unready', 'Leaving', 'Dead'),
  reason: text,
  cause: optional(cause, (value) => typeof value === 'string'),
  outdated: optionalFlag,
  dialogs: count,
  shards: count,
});

const clusterStatus: Sound<SipClusterStatus> = fields<SipClusterStatus>({
  observedGeneration: count,
  phase: word('Pending', 'Starting', 'Ready', 'Degraded', 'Moving', 'Failed', 'Deleting'),
  replicas: count,
  selector: text,
  readyReplicas: count,
  dialogs: count,
  shards: count,
  pods: listOf(clusterPod),
  roster,
  accepted: ifObject(
    fields<NonNullable<SipClusterStatus['accepted']>>({ generation: count, spec: anything }),
  ),
  conditions: listOf(condition),
  countedAt: optionalText,
});

const moveRecord: Sound<MoveRecord> = fields<MoveRecord>({
  cause,
  from: text,
  to: text,
  epoch: count,
  reason: text,
  dialogs: count,
  rehomed: count,
  failed: count,
  kept: count,
  startedAt: text,
  durationMs: optionalCount,
});

const pendingMove: Sound<PendingMove> = fields<PendingMove>({
  cause,
  from: text,
  to: text,
  reason: text,
  refused: optionalText,
  askedAt: text,
});

const shardStatus: Sound<DialogShardStatus> = fields<DialogShardStatus>({
  observedGeneration: count,
  phase: word('Pending', 'Active', 'Moving', 'Unowned', 'Isolated'),
  owner: text,
  ownerUid: text,
  epoch: count,
  standbys: texts,
  standbysInSync: texts,
  dialogs: count,
  lastMove: ifObject(moveRecord),
  pendingMove: ifObject(pendingMove),
  vote: ifObject(fields<ShardVote>({ epoch: count, pod: text, boot: text })),
  conditions: listOf(condition),
  countedAt: optionalText,
});

const tagStatus: Sound<TagStatus> = fields<TagStatus>({
  tag: text,
  owner: text,
  epoch: count,
  role: word('none', 'owner', 'standby', 'holder'),
  acting: flag,
  inSync: flag,
  standbys: texts,
  standbysInSync: texts,
  copies: count,
});

const memberStatus: Sound<MemberStatus> = fields<MemberStatus>({
  pod: text,
  role: word('proxy', 'witness'),
  alive: flag,
  linked: flag,
  voter: flag,
});

/** The parts of a pod's status that the plan reads; the others stay as they are. */
const podStatus: Sound<PodStatus> = (value) => ({
  ...(value as PodStatus),
  ...fields<Pick<PodStatus, 'ready' | 'reason' | 'roster' | 'members' | 'tags'>>({
    ready: flag,
    reason: text,
    roster: fields<PodStatus['roster']>({ number: count, majority: count, conflict: flag }),
    members: listOf(memberStatus),
    tags: listOf(tagStatus),
  })(value),
});

const takeover: Sound<TakeoverReport> = fields<TakeoverReport>({
  tag: text,
  epoch: count,
  claim: word('renew', 'dead', 'handover', 'vacant'),
  from: text,
  why: text,
  startedAtMs: count,
  dialogs: count,
  rehomed: count,
  kept: count,
  lost: count,
  durationMs: optionalCount,
});

const refusal: Sound<ControlReport['refusedHandOvers'][number]> = fields<
  ControlReport['refusedHandOvers'][number]
>({ tag: text, to: text, why: text });

const report: Sound<ControlReport> = fields<ControlReport>({
  version: text,
  term: count,
  generation: count,
  voterId: text,
  status: podStatus,
  granted: counts,
  dialogs: counts,
  ringing: count,
  relaying: count,
  takeovers: listOf(takeover),
  refusedHandOvers: listOf(refusal),
});

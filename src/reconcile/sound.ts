import type { ControlReport, KeysReport, TakeoverReport } from '../api/control.ts';
import type {
  DialogShardStatus,
  MoveCause,
  MoveRecord,
  PendingMove,
  ShardVote,
} from '../api/dialog-shard-type.ts';
import type { Condition } from '../api/object-type.ts';
import type { Problem } from '../api/problem.ts';
import type { MemberStatus, PodStatus, TagStatus } from '../api/pod-report.ts';
import { MOVE_CAUSES } from '../api/reasons.ts';
import type {
  ClusterPodStatus,
  RosterMember,
  RosterStatus,
  SipClusterStatus,
} from '../api/sip-cluster-type.ts';
import type { Observed, ObservedPod, ObservedShard } from './observed.ts';
import {
  anything,
  count,
  counts,
  epochNumber,
  epochs,
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
  const { cluster, shards, pods, nodes } = observed;
  return {
    ...observed,
    cluster: {
      ...cluster,
      problems: listOf(problem)(cluster.problems),
      objects: (cluster.objects ?? []).filter(isNamed),
      status: ifObject(clusterStatus)(cluster.status),
    },
    shards: shards.filter(isNamed).map(soundShard),
    pods: pods.filter(isNamed).map(soundPod),
    takenNames: texts(observed.takenNames),
    nodes: nodes.filter(isNamed).map((node) => ({ ...node, taints: texts(node.taints) })),
  };
}

/** Whether something is an object of Kubernetes at all. */
function isNamed(object: unknown): boolean {
  const { name } = fields<{ name: string }>({ name: text })(
    isObject(object) ? object['metadata'] : undefined,
  );
  return name !== '';
}

function soundShard(shard: ObservedShard): ObservedShard {
  const { spec, problems, status } = shard;
  const isSpec = isObject(spec) && [spec.tag, spec.group].every((each) => typeof each === 'string');
  return {
    ...shard,
    spec: isSpec ? { ...spec, preferredPods: texts(spec.preferredPods) } : undefined,
    problems: listOf(problem)(problems),
    status: ifObject(shardStatus)(status),
  };
}

function soundPod(pod: ObservedPod): ObservedPod {
  const { metadata, nodeName, podIP } = pod;
  return {
    ...pod,
    metadata: { ...metadata, uid: text(metadata.uid) },
    nodeName: text(nodeName),
    podIP: text(podIP),
    report: ifObject(report)(pod.report),
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

const problem: Sound<Problem> = fields<Problem>({
  path: text,
  message: text,
  code: anything as Sound<Problem['code']>,
});

const rosterMember: Sound<RosterMember> = fields<RosterMember>({
  pod: text,
  role: word('proxy', 'witness'),
  mesh: text,
});

const wholeRoster: Sound<RosterStatus> = fields<RosterStatus>({
  number: epochNumber,
  generation: count,
  members: (value) => listOf(rosterMember)(value).filter((member) => member.pod !== ''),
  floor: epochs,
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
  epoch: epochNumber,
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
  epoch: epochNumber,
  standbys: texts,
  standbysInSync: texts,
  dialogs: count,
  lastMove: ifObject(moveRecord),
  pendingMove: ifObject(pendingMove),
  vote: ifObject(fields<ShardVote>({ epoch: epochNumber, pod: text, boot: text })),
  conditions: listOf(condition),
  countedAt: optionalText,
});

const tagStatus: Sound<TagStatus> = fields<TagStatus>({
  tag: text,
  owner: text,
  epoch: epochNumber,
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
    roster: fields<PodStatus['roster']>({ number: epochNumber, majority: count, conflict: flag }),
    members: listOf(memberStatus),
    tags: listOf(tagStatus),
  })(value),
});

const takeover: Sound<TakeoverReport> = fields<TakeoverReport>({
  tag: text,
  epoch: epochNumber,
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
  settling: optionalFlag,
  status: podStatus,
  granted: epochs,
  dialogs: counts,
  ringing: count,
  relaying: count,
  takeovers: listOf(takeover),
  refusedHandOvers: listOf(refusal),
  keys: ifObject(fields<KeysReport>({ mesh: texts, tokens: texts, tokensInUse: texts })),
});

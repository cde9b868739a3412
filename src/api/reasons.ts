import type { MoveCause } from './dialog-shard-type.ts';

/** What a word of a status, an Event or a log line means, and what a person should do about it. */
export interface Word {
  meaning: string;
  action: string;
}

/** Types of the conditions of a SipCluster. */
export const CLUSTER_CONDITIONS = {
  Accepted: {
    meaning: 'The spec has no problems, and the pods run on it.',
    action: 'If False, mend what the message lists; the pods run on the last good spec meanwhile.',
  },
  Ready: {
    meaning: 'As many pods as wanted take calls, and every tag has an owner.',
    action: 'If False, see the reason.',
  },
  Protected: {
    meaning: 'Every tag has as many copies in sync as `replication.factor` and the number of pods allow.',
    action: 'If False, take no pod away: the calls of some tags have fewer copies than they should.',
  },
  Quorum: {
    meaning: 'A majority of the roster is alive and has adopted it.',
    action: 'If False, bring pods back; if they are gone for good, set `sip.rehome.dev/new-roster`.',
  },
  Moving: {
    meaning: 'Tags are on their way from one pod to another, or calls are being re-homed.',
    action: 'Wait; the message says which.',
  },
  NodesVisible: {
    meaning: 'The operator may read nodes, so that cordons, taints and lost nodes move calls.',
    action: 'If False, give it the ClusterRole for nodes, or cordon pods: `sip.rehome.dev/cordon`.',
  },
  ReferencesFound: {
    meaning:
      'What the spec names is there: Services of targets with ready endpoints, Secrets, external addresses of nodes.',
    action: 'If False, make what the message lists; calls that need it are refused meanwhile.',
  },
  EvidenceAgrees: {
    meaning: 'Kubernetes, the mesh and the pods say the same of every pod.',
    action: 'If False, look at the network of the pods that the message names and at their nodes.',
  },
  UpToDate: {
    meaning: 'All pods are of the present template.',
    action: 'If False, see the reason; pods of the older template go on meanwhile.',
  },
  Spread: {
    meaning: 'No node has so many of the pods that a majority of the voters would be lost with it.',
    action: 'If False, see the reason.',
  },
} as const;

/** Types of the conditions of a DialogShard. */
export const SHARD_CONDITIONS = {
  Owned: {
    meaning: 'A living pod owns the tag and holds its lease.',
    action: 'If False, calls of the tag are only relayed; see Quorum of the SipCluster.',
  },
  Protected: {
    meaning: 'As many standbys as wanted hold everything.',
    action: 'If False, do not take the owner away.',
  },
} as const;

/** Reasons of conditions, of both kinds. */
export const CONDITION_REASONS = {
  AsDesired: { meaning: 'It is as the spec says.', action: 'Nothing.' },
  SpecInvalid: { meaning: 'The spec has problems.', action: 'Mend what the message lists.' },
  TagTaken: {
    meaning: 'Another DialogShard of the cluster has the same tag.',
    action: 'Delete one of the two.',
  },
  ClusterMissing: {
    meaning: 'There is no SipCluster of the name in `spec.clusterRef` in the namespace.',
    action: 'Make it, or delete the DialogShard.',
  },
  PodsStarting: { meaning: 'Pods are there that do not take calls yet.', action: 'Wait.' },
  PodsMissing: {
    meaning: 'Fewer pods than wanted are there.',
    action: 'Wait; if it lasts, look at the Events of the SipCluster and of its pods.',
  },
  PodsUnready: {
    meaning: 'Pods that took calls do not any more.',
    action: 'Look at `status.pods` for the reason and at the log of the pod.',
  },
  TagsUnowned: {
    meaning: 'Tags have no living owner.',
    action: 'Wait for the failover; if it lasts, see Quorum.',
  },
  OwnerSilent: {
    meaning: 'The owner of the tag neither answers nor is it known to be dead.',
    action: 'Wait; if it lasts, look at the pod.',
  },
  LeaseLost: {
    meaning: 'The owner does not hear a majority and only relays.',
    action: 'Look at the network between the pods.',
  },
  NoOwner: { meaning: 'No pod owns the tag.', action: 'Wait; if it lasts, see Quorum.' },
  StandbysMissing: { meaning: 'Standbys are missing or behind.', action: 'Wait until they are in sync.' },
  NoStandbyPossible: {
    meaning: 'There is no second pod that could hold a copy.',
    action: 'Ask for more `replicas` if calls are to outlive a pod.',
  },
  RosterPending: {
    meaning: 'A roster was stored that a majority has not adopted yet.',
    action: 'Wait.',
  },
  RosterMissing: { meaning: 'No roster was issued yet.', action: 'Wait until the first pods answer.' },
  MajorityLost: {
    meaning: 'Fewer than a majority of the voters are alive.',
    action: 'Bring pods back; if they are gone for good, set `sip.rehome.dev/new-roster`.',
  },
  MovingTags: { meaning: 'Owners are handing tags over.', action: 'Nothing.' },
  RehomingCalls: { meaning: 'New owners are re-homing the calls of their tags.', action: 'Nothing.' },
  NothingMoves: { meaning: 'No tag moves and no call is being re-homed.', action: 'Nothing.' },
  OperatorPaused: {
    meaning: 'The annotation `sip.rehome.dev/paused` keeps the operator from acting.',
    action: 'Take it away when you are done.',
  },
  NodesForbidden: {
    meaning: 'The operator has no right to read nodes.',
    action: 'Give it one, or do without: see NodesVisible.',
  },
  ReferencesMissing: {
    meaning: 'Something that the spec names is not there, or not to be seen.',
    action: 'Make what the message lists, or mend the spec.',
  },
  EvidenceDisagrees: {
    meaning: 'Kubernetes, the mesh and a pod say different things of it; the operator waits.',
    action: 'Look at the network between pods and at the node.',
  },
  RollingOut: { meaning: 'Pods are being replaced, one at a time.', action: 'Wait.' },
  RolloutStuck: {
    meaning: 'A pod of the present template does not become ready, or is refused; the others wait for it.',
    action: 'Mend what the message names, or write the former image or template again: it is taken at once.',
  },
  NodeHasMajority: {
    meaning: 'Several pods share a node, as after a drain.',
    action:
      'When other nodes have room, delete one of the pods that the message names: it is emptied, and its successor goes elsewhere.',
  },
  Deleting: { meaning: 'The object is being deleted.', action: 'Nothing.' },
} as const;

/** Why a tag changed its owner. */
export const MOVE_CAUSES: Readonly<Record<MoveCause, Word>> = {
  FirstPlacement: { meaning: 'The tag had no owner before.', action: 'Nothing.' },
  PodDied: { meaning: 'The owner died; a standby took over.', action: 'Look at why it died.' },
  PodRestarted: {
    meaning: 'The process of the owner started anew under the same pod; a standby took over.',
    action: 'Look at why it ended: `rehome logs`.',
  },
  PodUnready: {
    meaning: 'The owner was unready for longer than `failover.unreadyAfter`.',
    action: 'Look at why it is not ready.',
  },
  PodCordoned: { meaning: 'The pod has the annotation `sip.rehome.dev/cordon`.', action: 'Nothing.' },
  NodeCordoned: { meaning: 'The node is cordoned or has a taint that drains it.', action: 'Nothing.' },
  PodDeleted: { meaning: 'The pod is being deleted.', action: 'Nothing.' },
  ScaleIn: { meaning: 'The cluster has more pods than wanted.', action: 'Nothing.' },
  TemplateChanged: { meaning: 'The pod is replaced by one of the new template.', action: 'Nothing.' },
  Rebalance: { meaning: 'A pod with fewer dialogs took a fair share.', action: 'Nothing.' },
  ByHand: { meaning: 'A person asked for it: `sip.rehome.dev/move-to`.', action: 'Nothing.' },
  Preferred: { meaning: 'A pod of `preferredPods` can own it again.', action: 'Nothing.' },
  Unknown: {
    meaning: 'The mesh changed the owner while the operator was away.',
    action: 'The reason has the words of the mesh.',
  },
};

export type ClusterConditionType = keyof typeof CLUSTER_CONDITIONS;
export type ShardConditionType = keyof typeof SHARD_CONDITIONS;
export type ConditionReason = keyof typeof CONDITION_REASONS;

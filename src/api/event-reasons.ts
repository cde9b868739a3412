/** Reasons of Events; each is said once, about the object that it happened to. */
export const EVENT_REASONS = {
  SpecAccepted: { type: 'Normal', meaning: 'The spec has no problems and is in force.', action: 'Nothing.' },
  SpecRejected: {
    type: 'Warning',
    meaning: 'The spec has problems; the pods go on with the last good one.',
    action: 'Mend what the note lists.',
  },
  PodCreated: { type: 'Normal', meaning: 'A pod was made.', action: 'Nothing.' },
  PodRefused: {
    type: 'Warning',
    meaning: 'Kubernetes did not take a pod; it is tried again, less and less often.',
    action: 'Look at the note: raise the quota, change the policy of the namespace or `podTemplate`.',
  },
  KeysRotated: {
    type: 'Normal',
    meaning: 'A new key of the mesh or of tokens is in use; the one before it goes when nobody needs it.',
    action: 'Nothing.',
  },
  PodDeleted: { type: 'Normal', meaning: 'A pod was deleted once it was empty.', action: 'Nothing.' },
  PodReplaced: { type: 'Normal', meaning: 'A pod takes the place of a dead one.', action: 'Nothing.' },
  PodDied: {
    type: 'Warning',
    meaning: 'A pod died; standbys take over its tags.',
    action: 'Look at why it died.',
  },
  PodUnready: {
    type: 'Warning',
    meaning: 'A living pod was unready for too long; its tags are moved.',
    action: 'Look at why it is not ready.',
  },
  PodCordoned: { type: 'Normal', meaning: 'A pod was cordoned; its tags are moved.', action: 'Nothing.' },
  PodUncordoned: { type: 'Normal', meaning: 'A pod takes calls again.', action: 'Nothing.' },
  NodeCordoned: {
    type: 'Normal',
    meaning: "A pod's node was cordoned; its tags are moved.",
    action: 'Nothing.',
  },
  FirstPlacement: { type: 'Normal', meaning: 'A tag has its first owner.', action: 'Nothing.' },
  MoveStarted: { type: 'Normal', meaning: 'An owner was asked to hand a tag over.', action: 'Nothing.' },
  MoveFinished: {
    type: 'Normal',
    meaning: 'A tag has its new owner and all its calls were settled.',
    action: 'Nothing.',
  },
  MoveStopped: {
    type: 'Normal',
    meaning: 'A move was withdrawn before it took place; what has moved stays.',
    action: 'Nothing.',
  },
  HandOverRefused: {
    type: 'Warning',
    meaning: 'A pod did not begin a handover; it is asked again.',
    action: 'Look at the note, which has the words of the mesh.',
  },
  FailoverRecorded: {
    type: 'Warning',
    meaning: 'The mesh gave the tag of a dead pod to a standby.',
    action: 'Look at the counts in `status.lastMove`.',
  },
  CallsLost: {
    type: 'Warning',
    meaning: 'A tag came back without calls that it had: no copy outlived its pods.',
    action: 'Spread pods over more nodes, or raise `replication.factor`.',
  },
  RebalanceStarted: {
    type: 'Normal',
    meaning: 'Tags go to pods with fewer dialogs, a few at a time.',
    action: 'Nothing.',
  },
  RosterIssued: {
    type: 'Normal',
    meaning: 'A roster with one voter more or less was stored.',
    action: 'Nothing.',
  },
  RosterReset: {
    type: 'Warning',
    meaning: 'A lost majority was given up: a new generation of the roster was stored.',
    action: 'Make sure that the pods that were given up are gone.',
  },
  QuorumLost: {
    type: 'Warning',
    meaning: 'Fewer than a majority of the voters are alive: no tag can change its owner.',
    action: 'Bring pods back; if they are gone for good, set `sip.rehome.dev/new-roster`.',
  },
  QuorumRegained: { type: 'Normal', meaning: 'A majority of the voters is alive again.', action: 'Nothing.' },
  ScaledOut: { type: 'Normal', meaning: 'More pods are wanted.', action: 'Nothing.' },
  ScaledIn: {
    type: 'Normal',
    meaning: 'Fewer pods are wanted; the note names those that go.',
    action: 'Nothing.',
  },
  RolloutStarted: {
    type: 'Normal',
    meaning: 'Pods differ from the template and are replaced one at a time.',
    action: 'Nothing.',
  },
  RolloutStuck: {
    type: 'Warning',
    meaning: 'A pod of the new template does not become ready; the pods of the old one go on.',
    action: 'Mend what the note names, or write the former image or template again.',
  },
  RolloutFinished: { type: 'Normal', meaning: 'All pods are of the present template.', action: 'Nothing.' },
  ShardCreated: { type: 'Normal', meaning: 'A DialogShard of the cluster was made.', action: 'Nothing.' },
  ShardRejected: {
    type: 'Warning',
    meaning: 'A DialogShard has problems and is left out.',
    action: 'Mend what the note lists.',
  },
  Paused: { type: 'Normal', meaning: 'The operator only watches this cluster.', action: 'Nothing.' },
  Resumed: { type: 'Normal', meaning: 'The operator acts for this cluster again.', action: 'Nothing.' },
  ReferenceMissing: {
    type: 'Warning',
    meaning: 'Something that the spec names is not there, or not to be seen.',
    action: 'Make what the note lists, or mend the spec.',
  },
  EvidenceDisagrees: {
    type: 'Warning',
    meaning: 'Kubernetes and the mesh disagree whether a pod is alive; the operator waits.',
    action: 'Look at the network between pods and at the node.',
  },
} as const;

export type EventReason = keyof typeof EVENT_REASONS;

/** Normal or Warning, by the reason alone. */
export function eventTypeOf(reason: EventReason): 'Normal' | 'Warning' {
  return EVENT_REASONS[reason].type;
}

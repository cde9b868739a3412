import type { DialogShardStatus, MoveRecord, PendingMove, ShardVote } from './dialog-shard-type.ts';
import { MOST_EPOCH } from './epoch.ts';
import type { Condition } from './object-type.ts';
import type { ClusterPodStatus, RosterMember, RosterStatus, SipClusterStatus } from './sip-cluster-type.ts';
import type { StructuralSchema } from './structural-schema.ts';

/** A schema for each field of `T`; the compiler says which is missing. */
type SchemaOf<T> = { readonly [K in keyof T]-?: StructuralSchema };

const text = (description: string): StructuralSchema => ({ type: 'string', description });
const count = (description: string): StructuralSchema => ({
  type: 'integer',
  format: 'int64',
  minimum: 0,
  description,
});
const epoch = (description: string): StructuralSchema => ({ ...count(description), maximum: MOST_EPOCH });
const flag = (description: string): StructuralSchema => ({ type: 'boolean', description });
const time = (description: string): StructuralSchema => ({
  type: 'string',
  format: 'date-time',
  description,
});
const words = (description: string, choices: readonly string[]): StructuralSchema => ({
  type: 'string',
  enum: choices,
  description,
});
const texts = (description: string): StructuralSchema => ({
  type: 'array',
  description,
  items: { type: 'string' },
  'x-kubernetes-list-type': 'atomic',
});

function fieldsOf<T>(
  description: string,
  fields: SchemaOf<T>,
  required: (keyof T & string)[] = [],
): StructuralSchema {
  const properties: Record<string, StructuralSchema> = { ...fields };
  return { type: 'object', description, properties, ...(required.length > 0 && { required }) };
}

/** A list whose entries are known by one field. */
function mapOf(key: string, description: string, items: StructuralSchema): StructuralSchema {
  return {
    type: 'array',
    description,
    items,
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': [key],
  };
}

const condition = fieldsOf<Condition>(
  'A condition: one thing that holds or does not, and why.',
  {
    type: text('What it is about, such as Ready.'),
    status: words('Whether it is so.', ['True', 'False', 'Unknown']),
    reason: text('Why, in one word.'),
    message: text('Why, in a sentence.'),
    observedGeneration: count('metadata.generation of the spec that it was found for.'),
    lastTransitionTime: time('Since when the status of the condition is what it is.'),
  },
  ['type', 'status', 'reason', 'message', 'lastTransitionTime'],
);

const conditions = (description: string): StructuralSchema => mapOf('type', description, condition);

const pod = fieldsOf<ClusterPodStatus>(
  'A pod of the cluster.',
  {
    name: text('Name of the pod.'),
    uid: text('Uid of the pod.'),
    node: text('Node that it runs on.'),
    address: text('Address of the pod.'),
    ready: flag('Whether it takes calls.'),
    phase: words(
      'Starting: it has no node or address, or has not answered yet. Joining: it answers, and is not among the voters yet. Ready: it takes calls. Unready: it lives and takes none. Leaving: it is emptied. Dead: it has ended, or its node is gone.',
      ['Starting', 'Joining', 'Ready', 'Unready', 'Leaving', 'Dead'],
    ),
    reason: text('Why it is in this phase, in a sentence.'),
    cause: text('Why it is emptied, in one word such as NodeCordoned; absent while it is not.'),
    outdated: flag('Whether it was made from another template than the present one.'),
    dialogs: count('Calls (dialogs) of the tags that it owns.'),
    shards: count('Number of tags (DialogShards) that it owns.'),
  },
  ['name'],
);

const member = fieldsOf<RosterMember>(
  'A voter.',
  {
    pod: text('Its name among the voters: that of the pod, a dot and eight digits of its uid.'),
    role: words(
      'A proxy is a pod. A witness votes and carries no calls: the operator, while there are two pods.',
      ['proxy', 'witness'],
    ),
    mesh: text('host:port by which the others reach it.'),
  },
  ['pod'],
);

const roster = fieldsOf<RosterStatus>(
  'The numbered list of voters: a majority of them decides which pod owns a tag. It is stored here before pods are told of it.',
  {
    number: count('Grows with each change.'),
    generation: count(
      'Grows when a majority that is lost for good is given up (annotation sip.rehome.dev/new-roster).',
    ),
    members: mapOf('pod', 'The voters: the pods, and the operator while there are exactly two.', member),
    floor: {
      type: 'object',
      description: 'Per tag, the epoch at or below which no pod can become its owner any more.',
      additionalProperties: { type: 'integer', format: 'int64', minimum: 0, maximum: MOST_EPOCH },
    },
    handledRequest: text('Value of the annotation sip.rehome.dev/new-roster that was acted on last.'),
    adoptedAt: time('Since when a majority of the members is known to have adopted it.'),
  },
);

/** The schema of `status` of a SipCluster. */
export const sipClusterStatusSchema: StructuralSchema = fieldsOf<SipClusterStatus>(
  'The fleet as it is; the operator writes it.',
  {
    observedGeneration: count('metadata.generation of the spec that this status is about.'),
    phase: words(
      'Summary. Pending, Starting: it has not been ready yet. Ready: as many pods as wanted take calls and every tag has an owner. Moving: calls are on their way from one pod to another. Degraded: it was ready and is not; see the condition Ready. Failed: no spec without problems was given yet; see Accepted. Deleting: it is being deleted.',
      ['Pending', 'Starting', 'Ready', 'Degraded', 'Moving', 'Failed', 'Deleting'],
    ),
    replicas: count('Number of pods that there are.'),
    selector: text('Label selector of the pods, for kubectl scale and autoscalers.'),
    readyReplicas: count('Number of pods that take calls.'),
    dialogs: count('Calls (dialogs) of all pods, counted at countedAt.'),
    shards: count('Number of tags (DialogShards) that take part.'),
    pods: mapOf('name', 'The pods, each with what it does and why.', pod),
    roster,
    accepted: {
      type: 'object',
      description: 'The last spec without problems, which is what the pods run on.',
      properties: {
        generation: count('metadata.generation of that spec.'),
        spec: {
          type: 'object',
          description: 'As it was written.',
          'x-kubernetes-preserve-unknown-fields': true,
        },
      },
    },
    conditions: conditions(
      'Accepted, Ready, Protected, Quorum, Moving and others: what holds, what does not, and why.',
    ),
    countedAt: time('When the calls were counted: counts alone are written once in ten seconds at most.'),
  },
);

const lastMove = fieldsOf<MoveRecord>(
  'The last change of owner, planned or not, and what became of the calls.',
  {
    cause: text('Its cause in one word, such as PodDied.'),
    from: text('Pod that owned the tag; empty if there was none.'),
    to: text('Pod that owns it since.'),
    epoch: epoch('Epoch in which the new owner has the tag.'),
    reason: text('What the new owner or the operator saw.'),
    dialogs: count('Calls (dialogs) that came with the tag.'),
    rehomed: count('Calls both of whose endpoints send to the new owner.'),
    failed: count('Calls that ended because of it.'),
    kept: count('Calls an endpoint of which still sends to the former address: it is tried again.'),
    startedAt: time('When the new owner took over.'),
    durationMs: count('Milliseconds until the last endpoint had answered; absent while it goes on.'),
  },
);

const pendingMove = fieldsOf<PendingMove>(
  'The move that the owner is asked for and that has not happened yet; absent if none is.',
  {
    cause: text('Its cause in one word, such as NodeCordoned.'),
    from: text('Pod that owns the tag.'),
    to: text('Pod that is to own it.'),
    reason: text('What the operator saw.'),
    refused: text('Why the owner did not begin it yet.'),
    askedAt: time('Since when it is asked for.'),
  },
);

const vote = fieldsOf<ShardVote>("The operator's vote in clusters of two; it only grows.", {
  epoch: epoch('Highest epoch that the operator voted for.'),
  pod: text('Voter that it was given to: name of a pod, a dot and eight digits of its uid.'),
  boot: text('Start of that process: one that starts anew is another candidate.'),
});

/** The schema of `status` of a DialogShard. */
export const dialogShardStatusSchema: StructuralSchema = fieldsOf<DialogShardStatus>(
  'The tag as it is; the operator writes it.',
  {
    observedGeneration: count('metadata.generation of the spec that this status is about.'),
    phase: words(
      'Summary. Pending: it never had an owner, or is left out for a problem. Active: its owner acts for it. Moving: it is on its way to another pod, or its calls are. Unowned: its owner is dead, and no other has it yet. Isolated: its owner hears no majority of the voters and only relays.',
      ['Pending', 'Active', 'Moving', 'Unowned', 'Isolated'],
    ),
    owner: text('Pod that owns the tag; empty if there is none.'),
    ownerUid: text('Uid of that pod.'),
    epoch: epoch('Term of ownership: each new owner has a higher one, and the highest wins. It only grows.'),
    standbys: texts('Pods that copy its calls, in the order in which they would take over.'),
    standbysInSync: texts('Those of them that hold everything, from which no call would be lost.'),
    dialogs: count('Calls (dialogs) of the tag, counted at countedAt.'),
    lastMove,
    pendingMove,
    vote,
    conditions: conditions('Owned and Protected: what holds, what does not, and why.'),
    countedAt: time('When the calls were counted: counts alone are written once in ten seconds at most.'),
  },
);

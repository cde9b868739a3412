import type { DialogShardStatus, MoveRecord, PendingMove, ShardVote } from './dialog-shard-type.ts';
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
  'One condition.',
  {
    type: text('What it is about, a word of the table of conditions.'),
    status: words('Whether it is so.', ['True', 'False', 'Unknown']),
    reason: text('Why, in one word of the table of reasons.'),
    message: text('Why, in a sentence.'),
    observedGeneration: count('Generation of the spec that it was found for.'),
    lastTransitionTime: time('Since when the status is so.'),
  },
  ['type', 'status', 'reason', 'message', 'lastTransitionTime'],
);

const conditions = mapOf('type', 'What holds and what does not.', condition);

const pod = fieldsOf<ClusterPodStatus>(
  'One pod.',
  {
    name: text('Name of the pod.'),
    uid: text('Uid of the pod.'),
    node: text('Node that it runs on.'),
    address: text('Address of the pod.'),
    ready: flag('Whether it takes calls.'),
    phase: words('Where it is in its life.', ['Starting', 'Joining', 'Ready', 'Unready', 'Leaving', 'Dead']),
    reason: text('Why it is in this phase.'),
    cause: text('Cause of its being emptied; absent while it is not.'),
    outdated: flag('Whether it was made from another template than the present one.'),
    dialogs: count('Dialogs of the tags that it owns.'),
    shards: count('Tags that it owns.'),
  },
  ['name'],
);

const member = fieldsOf<RosterMember>(
  'One voter.',
  {
    pod: text('Id in the mesh: name of the pod, a dot, eight digits of its uid.'),
    role: words('A witness votes and carries no calls.', ['proxy', 'witness']),
    mesh: text('host:port of its mesh.'),
  },
  ['pod'],
);

const roster = fieldsOf<RosterStatus>('The numbered list of voters; stored before it is sent.', {
  number: count('Grows with each change.'),
  generation: count('Grows when a lost majority is given up.'),
  members: mapOf('pod', 'The voters.', member),
  floor: {
    type: 'object',
    description: 'Per tag, the epoch at or below which nothing is granted any more.',
    additionalProperties: { type: 'integer', format: 'int64' },
  },
  handledRequest: text('Value of the annotation sip.rehome.dev/new-roster that was acted on last.'),
  adoptedAt: time('Since when a majority of the members is known to have adopted it.'),
});

/** The schema of `status` of a SipCluster. */
export const sipClusterStatusSchema: StructuralSchema = fieldsOf<SipClusterStatus>('What is so.', {
  observedGeneration: count('Generation of the spec that this is about.'),
  phase: words('All in one word.', [
    'Pending',
    'Starting',
    'Ready',
    'Degraded',
    'Moving',
    'Failed',
    'Deleting',
  ]),
  replicas: count('Pods that are there.'),
  selector: text('Selects the pods, for whoever scales.'),
  readyReplicas: count('Pods that take calls.'),
  dialogs: count('Dialogs of all tags.'),
  shards: count('Tags that have an owner.'),
  pods: mapOf('name', 'The pods.', pod),
  roster,
  accepted: {
    type: 'object',
    description: 'The last spec without problems: what the pods run on.',
    properties: {
      generation: count('Its generation.'),
      spec: {
        type: 'object',
        description: 'As it was written.',
        'x-kubernetes-preserve-unknown-fields': true,
      },
    },
  },
  conditions,
  countedAt: time('When the dialogs were counted.'),
});

const lastMove = fieldsOf<MoveRecord>('The last change of owner.', {
  cause: text('Its cause, a word of the table of causes.'),
  from: text('Pod that owned the tag; empty if there was none.'),
  to: text('Pod that owns it since.'),
  epoch: count('Epoch of the new owner.'),
  reason: text('What the claimant or the operator saw.'),
  dialogs: count('Dialogs that came with the tag.'),
  rehomed: count('Dialogs both of whose endpoints send to the new owner.'),
  failed: count('Dialogs that ended because of it.'),
  kept: count('Dialogs with a leg that stays with its old target for now.'),
  startedAt: time('When the new owner took over.'),
  durationMs: count('Milliseconds until the last leg was settled; absent while it goes on.'),
});

const pendingMove = fieldsOf<PendingMove>('The move that the owner is asked for; absent if none is.', {
  cause: text('Its cause, a word of the table of causes.'),
  from: text('Pod that owns the tag.'),
  to: text('Pod that is to own it.'),
  reason: text('What the operator saw.'),
  refused: text('Why the owner did not begin it yet, in the words of the mesh.'),
  askedAt: time('Since when it is asked for.'),
});

const vote = fieldsOf<ShardVote>("The operator's vote in clusters of two; it only grows.", {
  epoch: count('Highest epoch that was granted.'),
  pod: text('Member that it was granted to.'),
  boot: text('Boot id of that process.'),
});

/** The schema of `status` of a DialogShard. */
export const dialogShardStatusSchema: StructuralSchema = fieldsOf<DialogShardStatus>('What is so.', {
  observedGeneration: count('Generation of the spec that this is about.'),
  phase: words('All in one word.', ['Pending', 'Active', 'Moving', 'Unowned', 'Isolated']),
  owner: text('Pod that owns the tag; empty if there is none.'),
  ownerUid: text('Uid of that pod.'),
  epoch: count('Term of ownership; it only grows.'),
  standbys: texts('Pods that hold a copy, in the order in which they would take over.'),
  standbysInSync: texts('Those of them that hold everything.'),
  dialogs: count('Dialogs of the tag.'),
  lastMove,
  pendingMove,
  vote,
  conditions,
  countedAt: time('When the dialogs were counted.'),
});

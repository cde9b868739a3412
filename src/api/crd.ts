import { dialogShardSchema } from './dialog-shard.ts';
import { explained } from './explain-text.ts';
import type { KubeObject } from './object-type.ts';
import { sipClusterSchema } from './sip-cluster-schema.ts';
import { dialogShardStatusSchema, sipClusterStatusSchema } from './status-schema.ts';
import type { ValidationRule } from './schema.ts';
import {
  DIALOG_SHARD_RULES,
  DIALOG_SHARD_STATUS_RULES,
  SIP_CLUSTER_OBJECT_RULES,
  SIP_CLUSTER_RULES,
  type FieldRule,
} from './resource-rules.ts';
import { structural, type StructuralSchema } from './structural-schema.ts';

/** A column of `kubectl get`; one with a priority above 0 is shown with `-o wide`. */
export interface PrinterColumn {
  name: string;
  type: 'string' | 'integer' | 'date';
  jsonPath: string;
  priority?: number;
}

/** apiextensions.k8s.io/v1, as far as it is used. */
export interface CustomResourceDefinition extends KubeObject {
  kind: 'CustomResourceDefinition';
  spec: {
    group: string;
    scope: 'Namespaced';
    names: {
      kind: string;
      listKind: string;
      plural: string;
      singular: string;
      shortNames: string[];
      categories: string[];
    };
    versions: {
      name: string;
      served: boolean;
      storage: boolean;
      schema: { openAPIV3Schema: StructuralSchema };
      subresources: { status: object; scale?: object };
      additionalPrinterColumns: PrinterColumn[];
    }[];
  };
}

const GROUP = 'sip.rehome.dev';
const AGE: PrinterColumn = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };

/** The kind SipCluster, as the API server is told of it. */
export const sipClusterDefinition: CustomResourceDefinition = definition({
  kind: 'SipCluster',
  shortName: 'sipc',
  schema: resource(
    {
      whole:
        'A fleet of SIP proxy pods that keep calls alive when a pod or its node goes away: each call is copied to other pods, one of which takes it over and tells both endpoints its own address. The operator makes the pods, a Service for new calls, and the DialogShards by which calls are moved.',
      spec: 'The fleet as it should be; only listeners must be given. What has problems changes nothing: the condition Accepted says what is wrong, and the pods go on as before.',
    },
    sipClusterSpec(),
    sipClusterStatusSchema,
    SIP_CLUSTER_OBJECT_RULES,
  ),
  scale: {
    specReplicasPath: '.spec.replicas',
    statusReplicasPath: '.status.replicas',
    labelSelectorPath: '.status.selector',
  },
  columns: [
    { name: 'Ready', type: 'integer', jsonPath: '.status.readyReplicas' },
    { name: 'Pods', type: 'integer', jsonPath: '.spec.replicas' },
    { name: 'Dialogs', type: 'integer', jsonPath: '.status.dialogs' },
    { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
    AGE,
    { name: 'Tags', type: 'integer', jsonPath: '.status.shards', priority: 1 },
    ...(['Accepted', 'Protected'] as const).map((type): PrinterColumn => ({
      ...{ name: type, type: 'string', priority: 1 },
      jsonPath: `.status.conditions[?(@.type=="${type}")].status`,
    })),
    { name: 'Why', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].message', priority: 1 },
  ],
});

/** The kind DialogShard, as the API server is told of it. */
export const dialogShardDefinition: CustomResourceDefinition = definition({
  kind: 'DialogShard',
  shortName: 'dsh',
  schema: resource(
    {
      whole:
        'A sharing tag of a SipCluster: a share of its calls, which one pod owns, other pods hold copies of, and which moves from pod to pod as a whole. The operator makes as many as spec.shards of the SipCluster says. Make more in a group of their own for calls that should be kept on certain pods, or moved by themselves.',
      spec: 'Whose tag it is, which calls it takes and where it should be.',
    },
    dialogShardSpec(),
    dialogShardStatus(),
  ),
  columns: [
    { name: 'Owner', type: 'string', jsonPath: '.status.owner' },
    { name: 'Epoch', type: 'integer', jsonPath: '.status.epoch' },
    { name: 'Standbys', type: 'string', jsonPath: '.status.standbys' },
    { name: 'Dialogs', type: 'integer', jsonPath: '.status.dialogs' },
    { name: 'Last Move', type: 'string', jsonPath: '.status.lastMove.cause' },
    AGE,
    { name: 'Phase', type: 'string', jsonPath: '.status.phase', priority: 1 },
    { name: 'Cluster', type: 'string', jsonPath: '.spec.clusterRef', priority: 1 },
    { name: 'Group', type: 'string', jsonPath: '.spec.group', priority: 1 },
    { name: 'In Sync', type: 'string', jsonPath: '.status.standbysInSync', priority: 1 },
  ],
});

interface Described {
  kind: string;
  shortName: string;
  schema: StructuralSchema;
  scale?: object;
  columns: PrinterColumn[];
}

function definition({ kind, shortName, schema, scale, columns }: Described): CustomResourceDefinition {
  const singular = kind.toLowerCase();
  const plural = `${singular}s`;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${GROUP}` },
    spec: {
      group: GROUP,
      scope: 'Namespaced',
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular,
        shortNames: [shortName],
        categories: ['rehome'],
      },
      versions: [
        {
          name: 'v1alpha1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: schema },
          subresources: { status: {}, ...(scale !== undefined && { scale }) },
          additionalPrinterColumns: columns,
        },
      ],
    },
  };
}

function resource(
  docs: { whole: string; spec: string },
  spec: StructuralSchema,
  status: StructuralSchema,
  rules: readonly ValidationRule[] = [],
): StructuralSchema {
  return {
    type: 'object',
    description: docs.whole,
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string', description: 'Version of the shape of this object.' },
      kind: { type: 'string', description: 'Kind of this object.' },
      // The name is what a rule is about.
      metadata: { type: 'object', properties: { name: { type: 'string' } } },
      spec: { ...spec, description: docs.spec },
      status,
    },
    ...(rules.length > 0 && { 'x-kubernetes-validations': [...rules] }),
  };
}

function sipClusterSpec(): StructuralSchema {
  const spec = structural(sipClusterSchema.json);
  addRules(spec, SIP_CLUSTER_RULES);
  keyed(fieldAt(spec, ['listeners']), 'name');
  keyed(fieldAt(spec, ['targets']), 'name');
  keyed(fieldAt(spec, ['podTemplate', 'env']), 'name');
  keyed(fieldAt(spec, ['podTemplate', 'topologySpreadConstraints']), 'topologyKey', 'whenUnsatisfiable');
  return explained(spec);
}

function dialogShardSpec(): StructuralSchema {
  const spec = structural(dialogShardSchema.json);
  addRules(spec, DIALOG_SHARD_RULES);
  return explained(spec);
}

function dialogShardStatus(): StructuralSchema {
  const status = structuredClone(dialogShardStatusSchema);
  addRules(status, DIALOG_SHARD_STATUS_RULES);
  return status;
}

/** Marks a list whose entries are known by fields of theirs: two managers may each apply their own. */
function keyed(list: StructuralSchema, ...keys: string[]): void {
  list['x-kubernetes-list-type'] = 'map';
  list['x-kubernetes-list-map-keys'] = keys;
}

function addRules(schema: StructuralSchema, rules: readonly FieldRule[]): void {
  for (const { path, ...rule } of rules) {
    const field = fieldAt(schema, path);
    // The last step to a list is to its entries.
    const ruled = field.items ?? field;
    ruled['x-kubernetes-validations'] = [...(ruled['x-kubernetes-validations'] ?? []), rule];
  }
}

function fieldAt(schema: StructuralSchema, path: readonly string[]): StructuralSchema {
  let field = schema;
  for (const key of path) {
    const inner = (field.items ?? field).properties?.[key];
    if (inner === undefined) throw new Error(`there is no field ${path.join('.')}`);
    field = inner;
  }
  return field;
}

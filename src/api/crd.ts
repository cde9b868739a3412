import { dialogShardSchema } from './dialog-shard.ts';
import type { KubeObject } from './object-type.ts';
import { sipClusterSchema } from './sip-cluster-schema.ts';
import { dialogShardStatusSchema, sipClusterStatusSchema } from './status-schema.ts';
import { structural, type StructuralSchema, type ValidationRule } from './structural-schema.ts';

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
    'A fleet of SIP proxies that keep calls alive.',
    sipClusterSpec(),
    sipClusterStatusSchema,
    [
      {
        rule: "self.metadata.name.matches('^[a-z0-9]([a-z0-9-]*[a-z0-9])?$') && size(self.metadata.name) <= 48",
        message:
          'the name must be at most 48 small letters, digits and dashes, since pods and tags are named after it',
      },
    ],
  ),
  scale: {
    specReplicasPath: '.spec.replicas',
    statusReplicasPath: '.status.replicas',
    labelSelectorPath: '.status.selector',
  },
  columns: [
    { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
    { name: 'Pods', type: 'integer', jsonPath: '.spec.replicas' },
    { name: 'Ready', type: 'integer', jsonPath: '.status.readyReplicas' },
    { name: 'Tags', type: 'integer', jsonPath: '.status.shards' },
    { name: 'Dialogs', type: 'integer', jsonPath: '.status.dialogs' },
    AGE,
    { name: 'Why', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].message', priority: 1 },
  ],
});

/** The kind DialogShard, as the API server is told of it. */
export const dialogShardDefinition: CustomResourceDefinition = definition({
  kind: 'DialogShard',
  shortName: 'dsh',
  schema: resource('One sharing tag of a SipCluster.', dialogShardSpec(), dialogShardStatusSchema),
  columns: [
    { name: 'Cluster', type: 'string', jsonPath: '.spec.clusterRef' },
    { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
    { name: 'Owner', type: 'string', jsonPath: '.status.owner' },
    { name: 'Epoch', type: 'integer', jsonPath: '.status.epoch' },
    { name: 'Dialogs', type: 'integer', jsonPath: '.status.dialogs' },
    { name: 'Last Move', type: 'string', jsonPath: '.status.lastMove.cause' },
    AGE,
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
  description: string,
  spec: StructuralSchema,
  status: StructuralSchema,
  rules: ValidationRule[] = [],
): StructuralSchema {
  return {
    type: 'object',
    description,
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      spec: { ...spec, description: 'What is wanted.' },
      status,
    },
    ...(rules.length > 0 && { 'x-kubernetes-validations': rules }),
  };
}

// Rules that the parsers have too; here they refuse a change at once where the API server knows them.
function sipClusterSpec(): StructuralSchema {
  const spec = structural(sipClusterSchema.json);
  at(spec, []).push(
    { rule: 'self.replicas <= self.shards', message: 'replicas must be at most shards' },
    {
      // A cluster may be scaled below the copies that it asked for while it was larger.
      rule:
        'self.replicas == 1 || !has(self.replication.factor) || self.replication.factor < self.replicas || ' +
        '(oldSelf.hasValue() && has(oldSelf.value().replication.factor) && ' +
        'oldSelf.value().replication.factor == self.replication.factor)',
      message: 'replication.factor must be below replicas',
      optionalOldSelf: true,
    },
  );
  at(spec, ['shards']).push({ rule: 'self >= oldSelf', message: 'shards may only grow' });
  at(spec, ['listeners', 'advertise']).push(
    // The API server checks the default of the whole object before it fills in `from`.
    { rule: "(has(self.from) && self.from == 'Map') == has(self.map)", message: 'map goes with from: Map' },
    {
      rule: "(has(self.from) && self.from == 'Annotation') == has(self.annotation)",
      message: 'annotation goes with from: Annotation',
    },
  );
  at(spec, ['targets']).push({
    rule: 'self.all(t, (has(t.addresses) && size(t.addresses) > 0) != has(t.service))',
    message: 'a target has addresses or a service, not both',
  });
  keyed(spec, ['listeners', 'targets']);
  return spec;
}

function dialogShardSpec(): StructuralSchema {
  const spec = structural(dialogShardSchema.json);
  for (const field of ['clusterRef', 'tag'])
    at(spec, [field]).push({ rule: 'self == oldSelf', message: `${field} never changes` });
  return spec;
}

/** Lists whose entries are known by name: two managers may each apply their own. */
function keyed(spec: StructuralSchema, lists: readonly string[]): void {
  for (const name of lists) {
    const list = fieldAt(spec, [name]);
    list['x-kubernetes-list-type'] = 'map';
    list['x-kubernetes-list-map-keys'] = ['name'];
  }
}

/** The rules of a field, to be added to. */
function at(schema: StructuralSchema, path: readonly string[]): ValidationRule[] {
  return (fieldAt(schema, path)['x-kubernetes-validations'] ??= []);
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

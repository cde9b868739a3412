import {
  dialogShardDefinition,
  sipClusterDefinition,
  type CustomResourceDefinition,
} from '../../src/api/crd.ts';
import type { StructuralSchema } from '../../src/api/structural-schema.ts';
import { chartReadme } from './chart-readme.ts';
import { crdFilesIn } from './crd-files.ts';

/** The files of the charts that are made from the code, by path. */
export const CHART_FILES: Readonly<Record<string, () => string>> = {
  ...crdFilesIn('helm/rehome-operator/files/crds'),
  'helm/rehome-cluster/values.schema.json': clusterChartSchema,
  'helm/rehome-cluster/README.md': () => chartReadme('rehome-cluster'),
  'helm/rehome-operator/README.md': () => chartReadme('rehome-operator'),
};

/** JSON Schema, as far as it is written here. */
type ValuesSchema = Record<string, unknown>;

const TEXTS: ValuesSchema = { type: 'object', additionalProperties: { type: 'string' } };

function clusterChartSchema(): string {
  const spec = propertiesOf(specOf(sipClusterDefinition));
  const shard = propertiesOf(specOf(dialogShardDefinition));
  const schema: ValuesSchema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'rehome-cluster',
    ...closed({
      global: { type: 'object' },
      nameOverride: { type: 'string', maxLength: 48, pattern: '^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$' },
      labels: TEXTS,
      annotations: TEXTS,
      image: closed({
        repository: { type: 'string', minLength: 1 },
        tag: { type: 'string' },
        digest: { type: 'string', pattern: '^(sha256:[0-9a-f]{64})?$' },
      }),
      spec: {
        ...closed(without(spec, ['image'])),
        required: ['listeners'],
        description: 'spec of the SipCluster.',
      },
      dialogShards: {
        type: 'object',
        description: 'Further DialogShards by name, which is also that of the tag.',
        propertyNames: { pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$' },
        additionalProperties: closed(without(shard, ['clusterRef', 'tag'])),
      },
      podMonitor: closed({
        enabled: { type: 'boolean' },
        interval: { type: 'string' },
        labels: TEXTS,
      }),
    }),
  };
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}

function closed(properties: Record<string, unknown>): ValuesSchema {
  return { type: 'object', additionalProperties: false, properties };
}

/** What the chart says by itself. */
function without(properties: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(properties).filter(([name]) => !names.includes(name)));
}

function specOf({ spec }: CustomResourceDefinition): StructuralSchema {
  const schema = spec.versions[0]?.schema.openAPIV3Schema.properties?.['spec'];
  if (schema === undefined) throw new Error('the definition has no spec');
  return schema;
}

function propertiesOf(schema: StructuralSchema): Record<string, ValuesSchema> {
  return Object.fromEntries(
    Object.entries(schema.properties ?? {}).map(([name, field]) => [name, valuesSchema(field)]),
  );
}

/**
 * A field of the resource as a value of the chart: Kubernetes' own words are left out, and what the resource does not know is
 * refused, where the API server would drop it without a word.
 */
function valuesSchema(field: StructuralSchema): ValuesSchema {
  const { properties, items, additionalProperties, type, ...rest } = field;
  const plain = Object.entries(rest).filter(([key]) => !key.startsWith('x-kubernetes-') && key !== 'default');
  const isOpen = field['x-kubernetes-preserve-unknown-fields'] === true;
  const mixed = 'x-kubernetes-int-or-string' in field;
  return {
    ...(mixed ? { type: ['integer', 'string'] } : { type }),
    ...Object.fromEntries(plain),
    ...(items !== undefined && { items: valuesSchema(items) }),
    ...(properties !== undefined && { properties: propertiesOf(field), additionalProperties: isOpen }),
    ...(additionalProperties !== undefined && { additionalProperties: valuesSchema(additionalProperties) }),
  };
}

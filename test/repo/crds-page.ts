import {
  dialogShardDefinition,
  sipClusterDefinition,
  type CustomResourceDefinition,
} from '../../src/api/crd.ts';
import { boundsText } from '../../src/api/explain-text.ts';
import type { StructuralSchema } from '../../src/api/structural-schema.ts';
import { markdownTable } from './markdown.ts';
import { typeText } from './type-text.ts';

const INTRO = `# Resources

The kinds of the API group \`sip.rehome.dev/v1alpha1\`, field by field. Problems of a spec are told all at once, in the condition \`Accepted\` of a SipCluster
and in the Event \`ShardRejected\` of a DialogShard; their codes: [errors.md](errors.md). Conditions, Events, annotations: [reasons.md](reasons.md). Examples:
[examples](../../examples).

A duration is a number with \`ms\`, \`s\`, \`m\` or \`h\`, or several of them: \`500ms\`, \`1m30s\`. \`required\` is a field without a default; one with \`–\` may be left out. The operator alone writes
\`status\`.
`;

/** The reference of both kinds, made from what the API server is told of them. */
export function crdsPage(): string {
  return [INTRO, ...[sipClusterDefinition, dialogShardDefinition].map(kindSection)].join('\n');
}

function kindSection({ spec }: CustomResourceDefinition): string {
  const { names, versions } = spec;
  const schema = versions[0]?.schema.openAPIV3Schema;
  const { spec: wanted, status } = schema?.properties ?? {};
  if (schema === undefined || wanted === undefined || status === undefined)
    throw new Error(`${names.kind} has no spec or no status`);
  const short = names.shortNames.map((name) => `\`${name}\``).join(', ');
  return [
    `## ${names.kind}\n\nShort name: ${short}.\n\n### ${names.kind}: spec\n`,
    markdownTable(['field', 'type', 'default', 'what it is'], rowsUnder(wanted, 'spec')),
    `### ${names.kind}: status\n`,
    markdownTable(['field', 'type', 'what it is'], rowsUnder(status, 'status').map(withoutDefault)),
    `### ${names.kind}: rules\n`,
    markdownTable(['field', 'what the API server refuses, in its words'], rulesUnder(schema)),
  ].join('\n');
}

function withoutDefault([field = '', type = '', , doc = '']: readonly string[]): string[] {
  return [field, type, doc];
}

function rowsUnder(schema: StructuralSchema, path: string): string[][] {
  const { properties = {}, required = [] } = schema;
  return Object.entries(properties).flatMap(([key, field]) => {
    const inner = field.items?.properties === undefined ? field : field.items;
    const at = `${path}.${key}${inner === field ? '' : '[]'}`;
    const row = [
      `\`${at}\``,
      typeText(field),
      defaultText(field, required.includes(key)),
      // The table has them in columns of their own.
      (field.description ?? '').replace(boundsText(field), ''),
    ];
    return [row, ...rowsUnder(inner, at)];
  });
}

/** All rules in CEL inside a schema. */
function rulesUnder(schema: StructuralSchema, path = ''): string[][] {
  const here = (schema['x-kubernetes-validations'] ?? []).map(({ message, fieldPath = '' }) => [
    `\`${path === '' ? fieldPath.slice(1) : `${path}${fieldPath}`}\``,
    message,
  ]);
  const entries = schema.items === undefined ? [] : rulesUnder(schema.items, `${path}[]`);
  const fields = Object.entries(schema.properties ?? {}).flatMap(([key, field]) =>
    rulesUnder(field, path === '' ? key : `${path}.${key}`),
  );
  return [...here, ...entries, ...fields];
}

function defaultText(field: StructuralSchema, required: boolean): string {
  if (field.default !== undefined) return `\`${JSON.stringify(field.default)}\``;
  return required ? 'required' : '–';
}

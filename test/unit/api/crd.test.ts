import { describe, expect, test } from '@jest/globals';
import {
  dialogShardDefinition,
  sipClusterDefinition,
  type CustomResourceDefinition,
} from '../../../src/api/crd.ts';
import { parseDialogShardSpec } from '../../../src/api/dialog-shard.ts';
import type { Parsed } from '../../../src/api/problem.ts';
import { parseSipClusterSpec } from '../../../src/api/sip-cluster.ts';
import { structural, type StructuralSchema } from '../../../src/api/structural-schema.ts';
import { sampleSpec } from './sample-spec.ts';

function schemaOf({ spec }: CustomResourceDefinition): StructuralSchema {
  const schema = spec.versions[0]?.schema.openAPIV3Schema;
  if (schema === undefined) throw new Error('no version');
  return schema;
}

/** All schemas inside one, with their paths. */
function walk(schema: StructuralSchema, path = ''): [string, StructuralSchema][] {
  const inner: [string, StructuralSchema | undefined][] = [
    ...Object.entries(schema.properties ?? {}).map(([key, each]): [string, StructuralSchema] => [
      `.${key}`,
      each,
    ]),
    ['[]', schema.items],
    ['{}', schema.additionalProperties],
  ];
  return [
    [path, schema],
    ...inner.flatMap(([step, each]) => (each === undefined ? [] : walk(each, path + step))),
  ];
}

function fieldAt(definition: CustomResourceDefinition, path: string): StructuralSchema | undefined {
  return walk(schemaOf(definition)).find(([each]) => each === path)?.[1];
}

function rulesAt(definition: CustomResourceDefinition, path: string): string[] {
  return (fieldAt(definition, path)?.['x-kubernetes-validations'] ?? []).map(({ rule }) => rule);
}

/** What an API server makes of a document: it fills in defaults, outer ones first. */
function withDefaults(given: unknown, schema: StructuralSchema): unknown {
  if (Array.isArray(given)) return given.map((each: unknown) => withDefaults(each, schema.items ?? {}));
  if (typeof given !== 'object' || given === null || schema.properties === undefined) return given;
  const filled: Record<string, unknown> = { ...given };
  for (const [key, field] of Object.entries(schema.properties)) {
    const value = filled[key] ?? structuredClone(field.default);
    if (value !== undefined) filled[key] = withDefaults(value, field);
  }
  return filled;
}

describe.each<[string, CustomResourceDefinition]>([
  ['SipCluster', sipClusterDefinition],
  ['DialogShard', dialogShardDefinition],
])('the definition of %s', (kind, definition) => {
  const schemas = walk(schemaOf(definition));
  const { spec, metadata } = definition;

  test('is named after its plural and its group', () => {
    expect(metadata.name).toBe(`${spec.names.plural}.sip.rehome.dev`);
    expect([spec.names.kind, spec.names.singular, spec.group]).toEqual([
      kind,
      kind.toLowerCase(),
      'sip.rehome.dev',
    ]);
  });

  test('gives every value one type, and every field a sentence', () => {
    // An IntOrString is of either type.
    const typed = schemas.filter(([, schema]) => schema['x-kubernetes-int-or-string'] !== true);
    for (const [path, schema] of typed) expect([path, schema.type]).toEqual([path, expect.any(String)]);
    const fields = schemas.filter(([path]) => /\.(spec|status)\..*[a-zA-Z]$/.test(path));
    expect(fields.length).toBeGreaterThan(10);
    for (const [path, schema] of fields)
      expect([path, schema.description]).toEqual([path, expect.stringMatching(/\.$/)]);
  });

  test('has nothing that a structural schema may not have', () => {
    for (const [, schema] of schemas)
      expect(Object.keys(schema)).not.toEqual(expect.arrayContaining([expect.stringMatching(/oneOf|anyOf/)]));
    for (const [path, { properties, additionalProperties }] of schemas)
      expect([path, properties !== undefined && additionalProperties !== undefined]).toEqual([path, false]);
  });

  test('knows the entries of its lists by fields that are always there', () => {
    for (const [path, schema] of schemas) {
      const keys = schema['x-kubernetes-list-map-keys'] ?? [];
      expect([path, schema['x-kubernetes-list-type'] === 'map']).toEqual([path, keys.length > 0]);
      const { required = [], properties = {} } = schema.items ?? {};
      const missing = keys.filter((key) => !required.includes(key) && properties[key]?.default === undefined);
      expect([path, missing]).toEqual([path, []]);
    }
  });

  test('shows columns that are fields', () => {
    const paths = new Set(schemas.map(([path]) => path));
    for (const { jsonPath } of spec.versions[0]?.additionalPrinterColumns ?? []) {
      const path = jsonPath.replace(/\[\?.*?\]/, '[]');
      expect(path === '.metadata.creationTimestamp' || paths.has(path)).toBe(true);
    }
  });
});

describe('defaults that the API server fills in', () => {
  test.each<[string, CustomResourceDefinition, unknown, (spec: unknown) => Parsed<unknown>]>([
    ['SipCluster', sipClusterDefinition, sampleSpec(), parseSipClusterSpec],
    ['a SipCluster of one pod', sipClusterDefinition, sampleSpec({ replicas: 1 }), parseSipClusterSpec],
    ['DialogShard', dialogShardDefinition, { clusterRef: 'edge', tag: 'a' }, parseDialogShardSpec],
  ])('are those of the parser: %s', (_kind, definition, written, parse) => {
    const filled = withDefaults(written, fieldAt(definition, '.spec') ?? {});
    expect(filled).not.toEqual(written);
    expect(parse(written).ok).toBe(true);
    expect(parse(filled)).toEqual(parse(written));
  });
});

test.each([
  ['.spec.replicas', 'changes it. Pods that go have their calls moved first. From 1 to 50. Default: 3.'],
  ['.spec.failover.suspectAfter', 'for deaths. A duration from 100ms to 1m. Default: 1s.'],
  ['.spec.listeners[].transports', 'all on its port. Default: UDP.'],
  ['.spec.hostNetwork', 'has no effect. Default: false.'],
  ['.spec.targets', 'media servers, PBXs, trunks.'],
  ['.spec.keys', 'by which pods know their calls.'],
])('kubectl explain %s ends with bounds and default', (path, end) => {
  expect(fieldAt(sipClusterDefinition, path)?.description?.slice(-end.length)).toBe(end);
});

test('a SipCluster can be scaled: all paths of the subresource are fields', () => {
  const scale = sipClusterDefinition.spec.versions[0]?.subresources.scale ?? {};
  const paths = Object.values(scale) as string[];
  expect(paths).toHaveLength(3);
  for (const path of paths) expect(fieldAt(sipClusterDefinition, path)?.type).toMatch(/^(integer|string)$/);
  expect(dialogShardDefinition.spec.versions[0]?.subresources).toEqual({ status: {} });
});

test('rules stand at the fields that they are about, beside those that the fields have themselves', () => {
  expect(rulesAt(sipClusterDefinition, '')).toHaveLength(2);
  expect(rulesAt(sipClusterDefinition, '.spec')).toHaveLength(11);
  expect(rulesAt(sipClusterDefinition, '.spec.shards')).toEqual(['self >= oldSelf']);
  expect(rulesAt(sipClusterDefinition, '.spec.listeners[].advertise')).toHaveLength(2);
  expect(rulesAt(sipClusterDefinition, '.spec.failover.suspectAfter')).toEqual([
    "duration(self) >= duration('100ms') && duration(self) <= duration('1m')",
  ]);
  expect(rulesAt(dialogShardDefinition, '.spec.tag')).toEqual(['self == oldSelf']);
  expect(rulesAt(dialogShardDefinition, '.spec.clusterRef')).toEqual(['self == oldSelf']);
  expect(rulesAt(dialogShardDefinition, '.status.epoch')).toEqual(['self >= oldSelf']);
});

describe('what the API server must know to reckon the costs of rules, and to bear client-side apply', () => {
  test.each([sipClusterDefinition, dialogShardDefinition])('$metadata.name', (definition) => {
    const unbounded = walk(fieldAt(definition, '.spec') ?? {}).filter(
      ([, { type, maxItems, additionalProperties, maxProperties, pattern, maxLength }]) =>
        (type === 'array' && maxItems === undefined) ||
        (additionalProperties !== undefined && maxProperties === undefined) ||
        (pattern !== undefined && maxLength === undefined),
    );
    expect(unbounded.map(([path]) => path)).toEqual([]);
    expect(JSON.stringify(definition).length).toBeLessThan(200_000);
  });
});

describe('a structural schema', () => {
  test('is made of a plain one', () => {
    expect(
      structural({
        type: 'object',
        properties: { word: { enum: ['a'] }, list: { type: 'array', items: { enum: ['b'] } } },
        additionalProperties: false,
      }),
    ).toEqual({
      type: 'object',
      properties: {
        word: { type: 'string', enum: ['a'] },
        list: { type: 'array', items: { type: 'string', enum: ['b'] } },
      },
    });
  });

  test('cannot have a choice of types', () => {
    expect(() => structural({ oneOf: [] })).toThrow('one type');
    expect(() => structural({ type: ['string', 'null'] })).toThrow('one type');
  });
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { dialogShardDefinition, sipClusterDefinition } from '../../src/api/crd.ts';
import { parseDialogShardSpec } from '../../src/api/dialog-shard.ts';
import type { Parsed, Problem } from '../../src/api/problem.ts';
import { parseSipClusterSpec } from '../../src/api/sip-cluster.ts';
import type { StructuralSchema } from '../../src/api/structural-schema.ts';
import { KubeError } from '../../src/kube/api.ts';
import { HttpTransport } from '../../src/kube/http-transport.ts';
import { ChartApi } from './chart-api.ts';
import { outputOf } from './chart-tools.ts';
import { fullShardSpec, fullSpec } from './full-spec.ts';
import { ACCEPTED, ONLY_PARSER, REFUSED } from './resource-forms.ts';
import { breaksOf } from './schema-breaks.ts';

const START_MS = 120_000;
const api = new ChartApi();
let transport: HttpTransport | undefined;

beforeAll(async () => {
  await api.start();
  await outputOf(api.kubectl(['apply', '-f', 'crds']));
  await outputOf(api.kubectl(['wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all']));
  const { url, caFile, adminToken } = api.address;
  transport = new HttpTransport({
    ...{ server: url, ca: { file: caFile }, token: { text: adminToken }, random: Math.random },
  });
}, START_MS);
afterAll(async () => {
  transport?.close();
  await api.stop();
});

const PATHS = { SipCluster: 'sipclusters', DialogShard: 'dialogshards' } as const;

/** What the API server says of a spec; '' if it takes it. Nothing is stored. */
async function refusal(kind: keyof typeof PATHS, spec: unknown): Promise<string> {
  const object = { apiVersion: 'sip.rehome.dev/v1alpha1', kind, metadata: { name: 'c' }, spec };
  const path = `/apis/sip.rehome.dev/v1alpha1/namespaces/default/${PATHS[kind]}`;
  try {
    await transport?.ask({ method: 'POST', path: `${path}?dryRun=All&fieldValidation=Strict`, body: object });
    return '';
  } catch (error) {
    if (error instanceof KubeError) return error.message;
    throw error;
  }
}

function problemsOf(parsed: Parsed<unknown>): readonly Problem[] {
  return parsed.ok ? [] : parsed.problems;
}

const specOf = (change: Record<string, unknown>): Record<string, unknown> => ({ ...fullSpec(), ...change });

test.each(ACCEPTED)('parser and API server take $what', async ({ change }) => {
  expect(problemsOf(parseSipClusterSpec(specOf(change)))).toEqual([]);
  expect(await refusal('SipCluster', specOf(change))).toBe('');
});

test.each(REFUSED)('parser and API server refuse $what', async ({ change, says, at }) => {
  expect(problemsOf(parseSipClusterSpec(specOf(change)))[0]?.path).toBe(at);
  const said = await refusal('SipCluster', specOf(change));
  expect(said).toContain(says);
  // The field is named, if not always the entry of a list or the key of a map.
  expect(said).toContain(at.split(/[.[]/, 2).join('.'));
});

test.each(ONLY_PARSER)('only the parser refuses $what: $why', async ({ change }) => {
  expect(problemsOf(parseSipClusterSpec(specOf(change)))).not.toEqual([]);
  expect(await refusal('SipCluster', specOf(change))).toBe('');
});

describe.each([
  ['SipCluster', sipClusterDefinition, fullSpec(), parseSipClusterSpec],
  ['DialogShard', dialogShardDefinition, fullShardSpec(), parseDialogShardSpec],
] as const)('each bound of %s', (kind, definition, spec, parse) => {
  const schema = definition.spec.versions[0]?.schema.openAPIV3Schema.properties?.['spec'];
  const breaks = breaksOf(schema ?? {}, spec);

  test('is broken by a document', () => {
    expect(parse(spec).ok).toBe(true);
    expect(breaks.length).toBeGreaterThan(15);
  });

  test.each(breaks)('$field: $bound', async ({ document, place, says }) => {
    const problems = problemsOf(parse(document));
    expect(problems.filter(({ path }) => path.startsWith(`spec${place}`))).not.toEqual([]);
    const said = await refusal(kind, document);
    expect(said).toContain(`spec${place}`);
    expect(said).toContain(says);
  });
});

/** What crd.test.ts tries: rules that compare with what was before, and those of names and of DialogShards. */
const TRIED_BY_COMMANDS = [
  'the name must be at most 48 small letters',
  'advertise.map must name the pods of this SipCluster',
  'shards may only grow',
  'clusterRef never changes',
  'tag never changes',
  'preferredPods: a pod may be there once',
  'epoch never falls',
  'the epoch of a vote never falls',
];

test('no rule lacks a form that it refuses', () => {
  const schemas = [sipClusterDefinition, dialogShardDefinition].map(
    ({ spec }) => spec.versions[0]?.schema.openAPIV3Schema ?? {},
  );
  const messages = [...new Set(schemas.flatMap(messagesIn))];
  expect(messages.length).toBeGreaterThan(25);
  const tried = [...TRIED_BY_COMMANDS, ...REFUSED.map(({ says }) => says)];
  expect(messages.filter((message) => !tried.some((says) => message.includes(says)))).toEqual([]);
});

function messagesIn(schema: StructuralSchema): string[] {
  const { items, properties = {}, additionalProperties } = schema;
  return [
    ...(schema['x-kubernetes-validations'] ?? []).map(({ message }) => message),
    ...[items, additionalProperties, ...Object.values(properties)].flatMap((each) =>
      each === undefined ? [] : messagesIn(each),
    ),
  ];
}

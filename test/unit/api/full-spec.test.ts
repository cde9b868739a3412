import { describe, expect, test } from '@jest/globals';
import { dialogShardDefinition, sipClusterDefinition } from '../../../src/api/crd.ts';
import { parseDialogShardSpec } from '../../../src/api/dialog-shard.ts';
import { parseSipClusterSpec } from '../../../src/api/sip-cluster.ts';
import { fullShardSpec, fullSpec } from '../../cluster/full-spec.ts';
import { breaksOf } from '../../cluster/schema-breaks.ts';

// What test/cluster/crd-forms.test.ts asks of a real API server, as far as it can be told without one.
describe.each([
  ['SipCluster', sipClusterDefinition, fullSpec(), parseSipClusterSpec],
  ['DialogShard', dialogShardDefinition, fullShardSpec(), parseDialogShardSpec],
] as const)('the full document of %s', (_kind, definition, spec, parse) => {
  const schema = definition.spec.versions[0]?.schema.openAPIV3Schema.properties?.['spec'] ?? {};

  test('has every field of the schema, and no problem', () => {
    expect(() => breaksOf(schema, spec)).not.toThrow();
    expect(parse(spec)).toMatchObject({ ok: true });
  });

  test('is refused at the field whose bound it breaks, each', () => {
    const breaks = breaksOf(schema, spec);
    expect(breaks.length).toBeGreaterThan(15);
    const unnoticed = breaks.filter(({ document, place }) => {
      const parsed = parse(document);
      return parsed.ok || !parsed.problems.some(({ path }) => path.startsWith(`spec${place}`));
    });
    expect(unnoticed.map(({ field, bound }) => `${field}: ${bound}`)).toEqual([]);
  });
});

import { describe, expect, test } from '@jest/globals';
import { checkDialogShardChange, parseDialogShardSpec } from '../../../src/api/dialog-shard.ts';

function placesOf(spec: unknown): string[] {
  const parsed = parseDialogShardSpec(spec);
  return parsed.ok ? [] : parsed.problems.map(({ path, code }) => `${path} ${code}`);
}

test('a tag takes any call and prefers no pod unless it says so', () => {
  expect(parseDialogShardSpec({ clusterRef: 'edge', tag: 'edge-07' })).toEqual({
    ok: true,
    value: { clusterRef: 'edge', tag: 'edge-07', group: '', preferredPods: [] },
  });
});

test.each<[object, string]>([
  [{ tag: 'a' }, 'spec.clusterRef CONFIG_REQUIRED'],
  [{ clusterRef: 'edge' }, 'spec.tag CONFIG_REQUIRED'],
  [{ clusterRef: 'edge', tag: 'two words' }, 'spec.tag CONFIG_VALUE'],
  [{ clusterRef: 'edge', tag: 'a'.repeat(64) }, 'spec.tag CONFIG_VALUE'],
  [{ clusterRef: 'edge', tag: 'a', group: 'a;b' }, 'spec.group CONFIG_VALUE'],
  [{ clusterRef: 'edge', tag: 'a', preferredPods: 'edge-0' }, 'spec.preferredPods CONFIG_TYPE'],
  [{ clusterRef: 'edge', tag: 'a', preferredPods: ['x', 'x'] }, 'spec.preferredPods[1] CONFIG_DUPLICATE'],
  [{ clusterRef: 'edge', tag: 'a', preferedPods: [] }, 'spec.preferedPods CONFIG_UNKNOWN_KEY'],
])('%j is refused', (spec, problem) => {
  expect(placesOf(spec)).toEqual([problem]);
});

test.each([undefined, null, 'text', []])('%j is no spec', (spec) => {
  expect(placesOf(spec)).toEqual(['spec CONFIG_TYPE']);
});

describe('a change', () => {
  const old = { clusterRef: 'edge', tag: 'a', group: '', preferredPods: [] };

  test('may name other pods and another group', () => {
    expect(checkDialogShardChange(old, { ...old, group: 'premium', preferredPods: ['edge-1'] })).toEqual([]);
  });

  test('may not name another cluster or tag', () => {
    const problems = checkDialogShardChange(old, { ...old, clusterRef: 'core', tag: 'b' });
    expect(problems.map(({ path }) => path)).toEqual(['spec.clusterRef', 'spec.tag']);
  });
});

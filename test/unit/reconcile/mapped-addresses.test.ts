import { expect, it } from '@jest/globals';
import { checkPlan } from './invariants.ts';
import { settled } from './settled.ts';

function listeners(pods: number): object[] {
  const map = Object.fromEntries(
    Array.from({ length: pods }, (_, ordinal) => [`edge-${ordinal}`, `192.0.2.${ordinal}`]),
  );
  return [{ name: 'public', port: 5060, advertise: { from: 'Map', map } }];
}

it.each([
  [3, ['edge-0', 'edge-1', 'edge-2']],
  [4, ['edge-0', 'edge-1', 'edge-2', 'edge-3']],
])('a new image comes to all pods where there are %i addresses for three of them', (addresses, names) => {
  const cluster = settled({ listeners: listeners(addresses) });
  const before = cluster.pods.map(({ metadata }) => metadata.uid);
  cluster.change({ image: 'example/rehome:2' });
  cluster.settle(600, checkPlan);
  expect(cluster.pods).toHaveLength(3);
  for (const { metadata } of cluster.pods) {
    expect(before).not.toContain(metadata.uid);
    expect(names).toContain(metadata.name);
  }
  expect(cluster.status?.phase).toBe('Ready');
});

import { expect, test } from '@jest/globals';
import { CONFIG_MAPS, PODS } from '../../../src/kube/kinds.ts';
import { OwnWrites } from '../../../src/operator/own-writes.ts';

const object = (resourceVersion: string): Parameters<OwnWrites['wrote']>[1] => ({
  ...{ apiVersion: 'v1', kind: 'Pod' },
  metadata: { name: 'edge-0', resourceVersion },
});

test('own writes are waited for until the cache of their kind has come so far', () => {
  const writes = new OwnWrites();
  const reached: Record<string, string> = { pods: '98', configmaps: '9' };
  const hasSeen = (plural: string, version: string): boolean => Number(reached[plural]) >= Number(version);
  expect(writes.seenBy(hasSeen)).toBe(true);
  writes.wrote(PODS, object('101'));
  writes.wrote(PODS, object('99'));
  writes.wrote(CONFIG_MAPS, object('8'));
  expect(writes.seenBy(hasSeen)).toBe(false);
  reached['pods'] = '101';
  expect(writes.seenBy(hasSeen)).toBe(true);
  reached['pods'] = '';
  // What was seen once is not waited for again.
  expect(writes.seenBy(hasSeen)).toBe(true);
});

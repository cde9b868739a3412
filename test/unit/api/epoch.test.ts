import { expect, test } from '@jest/globals';
import { dialogShardDefinition } from '../../../src/api/crd.ts';
import { believedEpoch, MOST_EPOCH } from '../../../src/api/epoch.ts';
import { MAX_EPOCH } from '../../../src/gossip/message.ts';

test('the last epoch of statuses is that of the mesh', () => {
  expect(MOST_EPOCH).toBe(MAX_EPOCH);
  const status = dialogShardDefinition.spec.versions[0]?.schema.openAPIV3Schema.properties?.['status'];
  expect(status?.properties?.['epoch']?.maximum).toBe(MOST_EPOCH);
});

test.each([
  [7, 5, 7],
  [3, 5, 3],
  [10_005, 5, 10_005],
  [10_006, 5, 10_005],
  [MOST_EPOCH, 0, 10_000],
])('of a status with %i, where %i is known, %i is believed', (told, known, believed) => {
  expect(believedEpoch(told, known)).toBe(believed);
});

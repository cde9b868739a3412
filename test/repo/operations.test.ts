import { expect, test } from '@jest/globals';
import { CLUSTER_CONDITIONS, CONDITION_REASONS } from '../../src/api/reasons.ts';
import { firstCells } from './markdown.ts';
import { readFile } from './repository.ts';

const page = readFile('docs/operations.md');

/** Reasons with which nothing is to be done. */
const AT_REST = ['AsDesired', 'MovingTags', 'RehomingCalls', 'NothingMoves', 'RollingOut'];

test('docs/operations.md says of every condition of a SipCluster what it means that it is False', () => {
  expect(firstCells(page, 'What to look at')).toEqual(Object.keys(CLUSTER_CONDITIONS));
});

test('docs/operations.md says of every reason that asks for a person what to do', () => {
  const told = firstCells(page, 'When a condition is not as it should be');
  expect([...told, ...AT_REST].sort()).toEqual(Object.keys(CONDITION_REASONS).sort());
});

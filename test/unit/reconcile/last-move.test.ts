import { expect, test } from '@jest/globals';
import type { TakeoverReport } from '../../../src/api/control.ts';
import type { MoveRecord } from '../../../src/api/dialog-shard-type.ts';
import { lastMove } from '../../../src/reconcile/last-move.ts';
import type { TagView } from '../../../src/reconcile/tag-view.ts';
import type { World } from '../../../src/reconcile/world.ts';

const takeover = (epoch: number): TakeoverReport => ({
  ...{ tag: 'edge-00', epoch, claim: 'vacant', from: '', why: 'no owner is known', startedAtMs: 0 },
  ...{ dialogs: 0, rehomed: 0, kept: 0, lost: 0 },
});

const record = { epoch: 1, cause: 'FirstPlacement', to: 'edge-0' } as MoveRecord;

test.each([
  ['a tag that nobody was known to own', undefined, 1, 'FirstPlacement'],
  ['a tag without an owner', { epoch: 0 }, 1, 'FirstPlacement'],
  ['a tag whose first owner another pod has told of', { epoch: 1 }, 1, 'FirstPlacement'],
  ['a tag whose owner is gone', { epoch: 1, lastMove: record }, 2, 'PodDied'],
  ['a tag whose second owner another pod has told of', { epoch: 2, lastMove: record }, 2, 'PodDied'],
  ['a tag of which only the epoch was recorded', { epoch: 1 }, 2, 'PodDied'],
])('the claim of %s', (_, status, epoch, cause) => {
  const tag = {
    arrival: takeover(epoch),
    shard: { status },
    owner: { name: 'edge-1' },
  } as unknown as TagView;
  expect(lastMove(tag, {} as World, new Map())?.cause).toBe(cause);
});

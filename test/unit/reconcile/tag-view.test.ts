import { describe, expect, it } from '@jest/globals';
import type { ControlReport } from '../../../src/api/control.ts';
import type { ObservedShard } from '../../../src/reconcile/observed.ts';
import type { PodView } from '../../../src/reconcile/pod-view.ts';
import { viewTags } from '../../../src/reconcile/tag-view.ts';

const SHARD = { spec: { tag: 'one', group: '' } } as unknown as ObservedShard;
const OWNED = { tag: 'one', owner: 'b.1', epoch: 2, role: 'owner', standbys: [], standbysInSync: [] };

/** The tag as it is seen when its owner, which took it over with 11 dialogs, has counted so many of it. */
function dialogsWhen(dialogs: ControlReport['dialogs'], takeoverEpoch = 2): number | undefined {
  const takeovers = [{ tag: 'one', epoch: takeoverEpoch, dialogs: 11 }];
  const report = { status: { tags: [OWNED] }, takeovers, dialogs };
  const pod = { member: 'b.1', dead: false, reachable: true, report } as unknown as PodView;
  return viewTags([SHARD], [pod])[0]?.dialogs;
}

describe('dialogs of a tag', () => {
  it('are those that its owner has counted', () => {
    expect(dialogsWhen({ one: 7 })).toBe(7);
    expect(dialogsWhen({ one: 0 })).toBe(0);
  });

  it('are those that came with it while its owner has not counted since', () => {
    expect(dialogsWhen({ other: 3 })).toBe(11);
    expect(dialogsWhen({}, 1)).toBe(0);
  });
});

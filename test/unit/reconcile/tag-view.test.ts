import { describe, expect, it } from '@jest/globals';
import type { ControlReport, TakeoverReport } from '../../../src/api/control.ts';
import type { ObservedShard } from '../../../src/reconcile/observed.ts';
import type { PodView } from '../../../src/reconcile/pod-view.ts';
import { viewTags, type TagView } from '../../../src/reconcile/tag-view.ts';

const SHARD = { spec: { tag: 'one', group: '' } } as unknown as ObservedShard;
const OWNED = { tag: 'one', owner: 'b.1', epoch: 2, role: 'owner', standbys: [], standbysInSync: [] };

/** The tag as it is seen when its owner, which took it over with 11 dialogs, has counted so many of it. */
function dialogsWhen(dialogs: ControlReport['dialogs'], takeoverEpoch = 2): number | undefined {
  return viewOf([{ epoch: takeoverEpoch, claim: 'handover' }], dialogs)?.dialogs;
}

function viewOf(
  takeovers: readonly Pick<TakeoverReport, 'epoch' | 'claim'>[],
  dialogs: ControlReport['dialogs'] = {},
): TagView | undefined {
  const told = takeovers.map((each) => ({ ...each, tag: 'one', dialogs: 11 }));
  const report = { status: { tags: [OWNED] }, takeovers: told, dialogs };
  const pod = { member: 'b.1', dead: false, reachable: true, report } as unknown as PodView;
  return viewTags([SHARD], [pod])[0];
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

describe('the arrival of a tag', () => {
  it('is its last takeover', () => {
    expect(viewOf([{ epoch: 2, claim: 'handover' }])?.arrival).toMatchObject({ epoch: 2 });
    expect(viewOf([{ epoch: 1, claim: 'handover' }])?.arrival).toBeUndefined();
  });

  it('is the one before, if the owner has only renewed its claim since', () => {
    const renewed = viewOf([
      { epoch: 1, claim: 'handover' },
      { epoch: 2, claim: 'renew' },
    ]);
    expect(renewed).toMatchObject({ takeover: { epoch: 2 }, arrival: { epoch: 1, claim: 'handover' } });
    expect(viewOf([{ epoch: 2, claim: 'renew' }])?.arrival).toBeUndefined();
  });
});

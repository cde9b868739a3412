import { describe, expect, it } from '@jest/globals';
import { settled } from './settled.ts';

describe('a DialogShard that somebody deleted', () => {
  it('is made again with the epoch of the mesh, and no pod is told to forget its tag meanwhile', () => {
    const cluster = settled();
    const tag = cluster.tags.get('edge-03');
    const epoch = 7;
    if (tag !== undefined) tag.epoch = epoch;
    cluster.settle();
    const owner = cluster.shard('edge-03').status?.owner;
    cluster.shards.splice(
      cluster.shards.findIndex(({ metadata }) => metadata.name === 'edge-03'),
      1,
    );
    const told = new Set<number>();
    cluster.settle(300, (_, { steps }) => {
      for (const step of steps) if (step.type === 'sendState') told.add(step.state.tags.length);
    });
    expect([...told].filter((count) => count !== 12)).toEqual([]);
    expect(cluster.shard('edge-03').status).toMatchObject({ epoch, owner, phase: 'Active' });
  });

  it('is corrected from the mesh when its status was edited', () => {
    const cluster = settled();
    const shard = cluster.shard('edge-03');
    const before = shard.status;
    if (before === undefined) throw new Error('it has no status');
    shard.status = {
      ...before,
      owner: 'edge-9',
      ownerUid: 'none',
      phase: 'Unowned',
      standbys: [],
      dialogs: 99,
    };
    cluster.settle();
    const { owner, ownerUid, phase, standbys, dialogs } = before;
    expect(shard.status).toMatchObject({ owner, ownerUid, phase, standbys, dialogs });
  });
});

import { beforeEach, describe, expect, test } from '@jest/globals';
import type { DialogShard } from '../../../../src/api/dialog-shard-type.ts';
import { DIALOG_SHARDS } from '../../../../src/kube/kinds.ts';
import { refusedChanges } from '../../../../src/local/cluster/refused-changes.ts';
import { MemoryKubernetes } from '../../../../src/local/kubernetes/memory-api.ts';

const REF = { namespace: 'default', name: 'gold' };

let api: MemoryKubernetes;

beforeEach(async () => {
  let uids = 0;
  api = new MemoryKubernetes({ nowMs: () => 0, newUid: () => String(++uids), validate: refusedChanges });
  const shard: DialogShard = {
    apiVersion: 'sip.rehome.dev/v1alpha1',
    kind: 'DialogShard',
    metadata: { ...REF },
    spec: { clusterRef: 'edge', tag: 'gold', group: 'gold' },
  };
  await api.create(DIALOG_SHARDS, shard);
});

async function write(path: string, value: unknown): Promise<unknown> {
  return api.patch(DIALOG_SHARDS, REF, [{ op: 'add', path, value }]);
}

describe('a DialogShard', () => {
  test.each([
    ['tag', 'silver'],
    ['clusterRef', 'core'],
  ])('keeps its %s', async (field, value) => {
    await expect(write(`/spec/${field}`, value)).rejects.toMatchObject({
      reason: 'Invalid',
      message: expect.stringContaining(`spec.${field}: never changes`) as unknown,
    });
    expect((await api.get(DIALOG_SHARDS, REF)).spec).toMatchObject({ clusterRef: 'edge', tag: 'gold' });
  });

  test('may change in all else, and have problems that the operator tells of', async () => {
    await write('/spec/preferredPods', ['edge-1']);
    await write('/spec/group', 'not a group');
    expect((await api.get(DIALOG_SHARDS, REF)).spec).toMatchObject({ group: 'not a group' });
    // Mended, with the tag that it had.
    await write('/spec/group', 'silver');
  });
});

import { beforeEach, describe, expect, test } from '@jest/globals';
import { MOST_EPOCH } from '../../../src/api/epoch.ts';
import type { SipCluster } from '../../../src/api/sip-cluster-type.ts';
import { decodeVoterFile, encodeVoterFile, type VoterState } from '../../../src/gossip/index.ts';
import { KubeError, type JsonPatchOperation, type KubeApi } from '../../../src/kube/api.ts';
import { CONFIG_MAPS, DIALOG_SHARDS, SIP_CLUSTERS } from '../../../src/kube/kinds.ts';
import type { MemoryKubernetes } from '../../../src/local/kubernetes/memory-api.ts';
import { ShardVotes, VoteConflict } from '../../../src/operator/vote/shard-votes.ts';
import { dialogShard, NAMESPACE, newKubernetes, sipCluster } from './memory.ts';

let api: MemoryKubernetes;
let cluster: SipCluster;

beforeEach(async () => {
  api = newKubernetes();
  cluster = await api.create(SIP_CLUSTERS, sipCluster('edge'));
  for (const tag of ['edge-0', 'edge-1']) await api.create(DIALOG_SHARDS, dialogShard('edge', tag));
});

function votes(options: { api?: KubeApi; mayVote?: () => boolean; known?: Record<string, number> } = {}): {
  store: ShardVotes;
  conflicts: VoteConflict[];
} {
  const conflicts: VoteConflict[] = [];
  const store = new ShardVotes({
    api: options.api ?? api,
    namespace: NAMESPACE,
    cluster: cluster.metadata,
    mayVote: options.mayVote ?? ((): boolean => true),
    knownEpochs: () => options.known ?? {},
    onConflict: (conflict) => conflicts.push(conflict),
  });
  return { store, conflicts };
}

const grant = (tag: string, epoch: number, pod = 'edge-0.aaaa'): VoterState['grants'][number] => ({
  ...{ tag, epoch, pod },
  boot: 'b1',
});

function state(grants: VoterState['grants']): VoterState {
  return { voterId: 'v1', roster: { number: 3, members: [] }, grants, floor: [{ tag: 'edge-1', epoch: 7 }] };
}

const memory = (bytes: Uint8Array | undefined): VoterState | undefined => bytes && decodeVoterFile(bytes);

const voteOf = async (tag: string): Promise<unknown> =>
  (await api.get(DIALOG_SHARDS, { namespace: NAMESPACE, name: tag })).status?.vote;

describe('the votes of the operator', () => {
  test('are none before the first one', async () => {
    expect(await votes().store.read()).toBeUndefined();
  });

  test('lie in the DialogShards, and the next operator reads all of them', async () => {
    const { store } = votes();
    await store.read();
    await store.write(encodeVoterFile(state([grant('edge-0', 2), grant('edge-1', 9)])));
    expect(await voteOf('edge-0')).toEqual({ epoch: 2, pod: 'edge-0.aaaa', boot: 'b1' });
    const next = memory(await votes().store.read());
    expect(next).toEqual(state([grant('edge-0', 2), grant('edge-1', 9)]));
  });

  test('leave what the status says to its writer', async () => {
    const ref = { namespace: NAMESPACE, name: 'edge-0' };
    const status = { phase: 'Active', epoch: 4 };
    await api.patch(DIALOG_SHARDS, ref, [{ op: 'add', path: '/status', value: status }], {
      subresource: 'status',
    });
    const { store } = votes();
    await store.read();
    await store.write(encodeVoterFile(state([grant('edge-0', 5)])));
    const stored = await api.get(DIALOG_SHARDS, ref);
    expect(stored.status).toEqual({ ...status, vote: { epoch: 5, pod: 'edge-0.aaaa', boot: 'b1' } });
  });

  test('are refused to an operator that another one has overtaken, and it is told so', async () => {
    const old = votes();
    await old.store.read();
    await old.store.write(encodeVoterFile(state([grant('edge-0', 2)])));
    const young = votes();
    await young.store.read();
    await young.store.write(encodeVoterFile(state([grant('edge-0', 3, 'edge-1.bbbb')])));
    await expect(old.store.write(encodeVoterFile(state([grant('edge-0', 3)])))).rejects.toBeInstanceOf(
      VoteConflict,
    );
    expect(old.conflicts).toHaveLength(1);
    expect(await voteOf('edge-0')).toMatchObject({ pod: 'edge-1.bbbb' });
    // Whatever it is asked from here on is built on what it did not know.
    await expect(old.store.write(encodeVoterFile(state([grant('edge-0', 9)])))).rejects.toBeInstanceOf(
      VoteConflict,
    );
  });

  test('never fall', async () => {
    const { store } = votes();
    await store.read();
    await store.write(encodeVoterFile(state([grant('edge-0', 5)])));
    await expect(store.write(encodeVoterFile(state([grant('edge-0', 4)])))).rejects.toBeInstanceOf(
      VoteConflict,
    );
    expect(await voteOf('edge-0')).toMatchObject({ epoch: 5 });
  });

  test('are none of an operator that does not lead any more', async () => {
    let leads = true;
    const { store } = votes({ mayVote: () => leads });
    await store.read();
    leads = false;
    await expect(store.write(encodeVoterFile(state([grant('edge-0', 5)])))).rejects.toThrow('does not lead');
    expect(await voteOf('edge-0')).toBeUndefined();
  });

  test('are confirmed only while it leads, though they were written', async () => {
    let asked = 0;
    const { store } = votes({ mayVote: () => ++asked < 2 });
    await store.read();
    await expect(store.write(encodeVoterFile(state([grant('edge-0', 5)])))).rejects.toThrow('does not lead');
  });

  test('are written though an answer is lost after the write', async () => {
    let lost = 0;
    const losing = new Proxy(api, {
      get: (target, name): unknown => {
        if (name !== 'patch')
          return Reflect.get(target, name) instanceof Function
            ? (Reflect.get(target, name) as () => void).bind(target)
            : undefined;
        return async (...args: Parameters<KubeApi['patch']>) => {
          const answer = await target.patch(...args);
          if (++lost <= 1) throw new KubeError(0, 'Unreachable', 'the connection broke');
          return answer;
        };
      },
    });
    const { store, conflicts } = votes({ api: losing });
    await store.read();
    const bytes = encodeVoterFile(state([grant('edge-0', 5)]));
    await expect(store.write(bytes)).rejects.toThrow('broke');
    await store.write(bytes);
    expect(await voteOf('edge-0')).toMatchObject({ epoch: 5 });
    expect(conflicts).toEqual([]);
  });

  test('begin far above all that is known when a DialogShard was made anew', async () => {
    const first = votes();
    await first.store.read();
    await first.store.write(encodeVoterFile(state([grant('edge-0', 5), grant('edge-1', 8)])));
    await api.delete(DIALOG_SHARDS, { namespace: NAMESPACE, name: 'edge-0' });
    await api.create(DIALOG_SHARDS, dialogShard('edge', 'edge-0'));
    const next = memory(await votes({ known: { 'edge-0': 6 } }).store.read());
    expect(next?.grants.map(({ tag }) => tag)).toEqual(['edge-1']);
    expect(next?.floor).toContainEqual({ tag: 'edge-0', epoch: 1006 });
    // The floor is kept: what is known later does not matter.
    expect(memory(await votes().store.read())?.floor).toContainEqual({ tag: 'edge-0', epoch: 1006 });
  });

  test('leave room for later ones though somebody gave such a DialogShard the last epoch that there is', async () => {
    const first = votes();
    await first.store.read();
    await first.store.write(encodeVoterFile(state([grant('edge-0', 5)])));
    const ref = { namespace: NAMESPACE, name: 'edge-0' };
    await api.delete(DIALOG_SHARDS, ref);
    await api.create(DIALOG_SHARDS, dialogShard('edge', 'edge-0'));
    const raised: JsonPatchOperation = { op: 'add', path: '/status', value: { epoch: MOST_EPOCH } };
    await api.patch(DIALOG_SHARDS, ref, [raised], { subresource: 'status' });
    const next = memory(await votes({ known: { 'edge-0': 6 } }).store.read());
    const floor = next?.floor.find(({ tag }) => tag === 'edge-0')?.epoch;
    expect(floor).toBeGreaterThan(1000);
    expect(floor).toBeLessThan(20_000);
  });

  test('find no place in a DialogShard that was made anew meanwhile', async () => {
    const { store, conflicts } = votes();
    await store.read();
    await api.delete(DIALOG_SHARDS, { namespace: NAMESPACE, name: 'edge-0' });
    await api.create(DIALOG_SHARDS, dialogShard('edge', 'edge-0'));
    await expect(store.write(encodeVoterFile(state([grant('edge-0', 5)])))).rejects.toBeInstanceOf(
      VoteConflict,
    );
    expect(conflicts).toHaveLength(1);
  });

  test('are those of another voter if the ConfigMap is gone or damaged', async () => {
    const first = votes();
    await first.store.read();
    await first.store.write(encodeVoterFile(state([grant('edge-0', 5)])));
    const ref = { namespace: NAMESPACE, name: 'edge-operator-vote' };
    await api.patch(CONFIG_MAPS, ref, [
      { op: 'replace', path: '/data', value: { voter: 'x', shards: '{}' } },
    ]);
    const damaged = votes();
    expect(await damaged.store.read()).toBeUndefined();
    expect(damaged.store.found).toEqual({ 'edge-0': 5, 'edge-1': 0 });
    await damaged.store.write(encodeVoterFile({ ...state([grant('edge-0', 6)]), voterId: 'v2' }));
    expect(memory(await votes().store.read())?.voterId).toBe('v2');
    await api.delete(CONFIG_MAPS, ref);
    expect(await votes().store.read()).toBeUndefined();
  });
});

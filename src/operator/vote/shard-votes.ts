import type { DialogShard, ShardVote } from '../../api/dialog-shard-type.ts';
import type { KubeObject, ObjectMeta } from '../../api/object-type.ts';
import { isPlainObject } from '../../api/schema.ts';
import { decodeVoterFile, encodeVoterFile, type VoterState } from '../../gossip/index.ts';
import { KubeError, type JsonPatchOperation, type KubeApi } from '../../kube/api.ts';
import { CONFIG_MAPS, DIALOG_SHARDS } from '../../kube/kinds.ts';
import type { ConfigMap } from '../../kube/objects.ts';
import type { VoterStore } from '../../mesh/voter-store.ts';
import { canonicalText } from '../../reconcile/digest.ts';
import { ownedMetadata } from '../../reconcile/owner.ts';
import {
  mendRecord,
  readVoteRecord,
  sameVote,
  tagOf,
  voteRecordName,
  withGrants,
  writeVoteRecord,
  type VoteRecord,
} from './vote-objects.ts';

/** The objects hold another vote than the one that this process built on: it must read them anew before it votes again. */
export class VoteConflict extends Error {
  constructor(what: string) {
    super(`another operator has voted meanwhile: ${what}`);
    this.name = 'VoteConflict';
  }
}

/** What a cluster's votes are kept with. */
export interface ShardVotesParts {
  readonly api: KubeApi;
  readonly namespace: string;
  /** Metadata of the SipCluster. */
  readonly cluster: ObjectMeta;
  /** Whether this process leads for sure. */
  readonly mayVote: () => boolean;
  /** Highest epoch that is known of each tag, from wherever. */
  readonly knownEpochs: () => Readonly<Record<string, number>>;
  /** The vote that is written from here on is built on sand. */
  readonly onConflict: (conflict: VoteConflict) => void;
}

/** How often a write is tried that others' writes get in the way of. */
const ATTEMPTS = 5;

/** Where a grant lies. */
interface Place {
  name: string;
  uid: string;
  vote: ShardVote | undefined;
}

/**
 * The operator's memory as a voter (OWNERSHIP 7): the grants in `status.vote` of the DialogShards, the rest in a ConfigMap,
 * each written by compare-and-swap before the answer that it backs leaves.
 */
export class ShardVotes implements VoterStore {
  readonly #parts: ShardVotesParts;
  readonly #places = new Map<string, Place>();
  /** The ConfigMap's data as JSON, and what of them is kept here. */
  #record: { text: string; shards: Record<string, string> } | undefined;
  /** Data that are no record, to be replaced by that of a new voter. */
  #damaged = '';
  #conflict: VoteConflict | undefined;

  constructor(parts: ShardVotesParts) {
    this.#parts = parts;
  }

  /** Epochs of all votes that were found, for a voter that knows nothing else. */
  get found(): Record<string, number> {
    return Object.fromEntries([...this.#places].map(([tag, { vote }]) => [tag, vote?.epoch ?? 0]));
  }

  /** Undefined if the ConfigMap is missing or damaged: grants alone are not the whole memory, it is another voter. */
  async read(): Promise<Uint8Array | undefined> {
    const shards = await this.#readShards();
    const stored = await this.#readConfigMap();
    const record = stored && readVoteRecord(stored);
    if (stored === undefined) return undefined;
    const text = canonicalText(stored.data ?? {});
    if (record === undefined) {
      this.#damaged = text;
      return undefined;
    }
    const mended = mendRecord(record, shards, this.#parts.knownEpochs());
    this.#record = { text, shards: mended.shards };
    await this.#writeRecord(mended);
    return encodeVoterFile(withGrants(mended.voter, this.#votes()));
  }

  async write(bytes: Uint8Array): Promise<void> {
    const voter = decodeVoterFile(bytes);
    if (voter === undefined) throw new RangeError('the voter wrote what it cannot read');
    if (this.#conflict !== undefined) throw this.#conflict;
    try {
      await this.#writeAll(voter);
    } catch (error) {
      if (error instanceof VoteConflict) this.#fail(error);
      throw error;
    }
  }

  async #writeAll(voter: VoterState): Promise<void> {
    this.#mustLead();
    await this.#writeRecord({ voter, shards: this.#uids() });
    await Promise.all(voter.grants.map(({ tag, ...vote }) => this.#writeVote(tag, vote)));
    this.#mustLead();
  }

  #mustLead(): void {
    if (!this.#parts.mayVote()) throw new Error('this operator does not lead');
  }

  async #readShards(): Promise<DialogShard[]> {
    const { api, namespace, cluster } = this.#parts;
    const { items } = await api.list(DIALOG_SHARDS, { namespace });
    const own = items.filter(({ spec }) => isPlainObject(spec) && spec['clusterRef'] === cluster.name);
    this.#places.clear();
    for (const shard of own) this.#places.set(tagOf(shard), placeOf(shard));
    return own;
  }

  async #readConfigMap(): Promise<ConfigMap | undefined> {
    const { api, namespace, cluster } = this.#parts;
    try {
      return await api.get(CONFIG_MAPS, { namespace, name: voteRecordName(cluster.name) });
    } catch (error) {
      if (error instanceof KubeError && error.reason === 'NotFound') return undefined;
      throw error;
    }
  }

  async #writeRecord(record: VoteRecord): Promise<void> {
    const text = textOf(record);
    if (text === this.#record?.text) return;
    await this.#persistently(() => this.#swapRecord(record, text));
    this.#record = { text, shards: record.shards };
  }

  async #swapRecord(record: VoteRecord, text: string): Promise<void> {
    const { api, namespace, cluster } = this.#parts;
    const name = voteRecordName(cluster.name);
    const data = writeVoteRecord(record);
    const stored = await this.#readConfigMap();
    if (stored === undefined) {
      if (this.#record !== undefined) throw new VoteConflict(`ConfigMap ${name} is gone`);
      const metadata = ownedMetadata(cluster, name);
      await api.create(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data });
      return;
    }
    const known = canonicalText(stored.data ?? {});
    if (known === text) return;
    if (known !== this.#record?.text && this.#damaged !== known) throw new VoteConflict(`ConfigMap ${name}`);
    await api.patch(CONFIG_MAPS, { namespace, name }, [
      unchanged(stored),
      { op: 'add', path: '/data', value: data },
    ]);
  }

  /** A tag that has no DialogShard has nowhere to keep a vote, so it gets none. */
  async #writeVote(tag: string, vote: ShardVote): Promise<void> {
    const place = this.#places.get(tag);
    if (place === undefined) throw new VoteConflict(`tag ${tag} has a new DialogShard`);
    if (sameVote(place.vote, vote)) return;
    if (vote.epoch <= (place.vote?.epoch ?? 0)) throw new VoteConflict(`tag ${tag} has a higher vote`);
    await this.#persistently(() => this.#swapVote(place, vote));
    place.vote = vote;
  }

  /** Only onto the vote that is known, in the object that is known. */
  async #swapVote(place: Place, vote: ShardVote): Promise<void> {
    const { api, namespace } = this.#parts;
    const ref = { namespace, name: place.name };
    const stored = await api.get(DIALOG_SHARDS, ref);
    if (stored.metadata.uid !== place.uid) throw new VoteConflict(`DialogShard ${place.name} is another one`);
    // The answer to an earlier attempt may have been lost.
    if (sameVote(stored.status?.vote, vote)) return;
    if (!sameVote(stored.status?.vote, place.vote)) throw new VoteConflict(`DialogShard ${place.name}`);
    const change: JsonPatchOperation =
      stored.status === undefined
        ? { op: 'add', path: '/status', value: { vote } }
        : { op: 'add', path: '/status/vote', value: vote };
    await api.patch(DIALOG_SHARDS, ref, [unchanged(stored), change], { subresource: 'status' });
  }

  /** Other writers of the same object are no reason to wait. */
  async #persistently(act: () => Promise<void>): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await act();
        return;
      } catch (error) {
        if (isNotFound(error)) throw new VoteConflict('an object is gone');
        if (!isLostRace(error) || attempt === ATTEMPTS) throw error;
      }
    }
  }

  #votes(): Map<string, ShardVote> {
    const votes = [...this.#places].flatMap(([tag, { vote }]) => (vote ? [[tag, vote] as const] : []));
    return new Map(votes);
  }

  #uids(): Record<string, string> {
    const present = [...this.#places].map(([tag, { uid }]) => [tag, uid] as const);
    return { ...this.#record?.shards, ...Object.fromEntries(present) };
  }

  #fail(conflict: VoteConflict): void {
    this.#conflict = conflict;
    this.#parts.onConflict(conflict);
  }
}

function placeOf({ metadata, status }: DialogShard): Place {
  return { name: metadata.name, uid: metadata.uid ?? '', vote: status?.vote };
}

function unchanged({ metadata }: KubeObject): JsonPatchOperation {
  return { op: 'test', path: '/metadata/resourceVersion', value: metadata.resourceVersion };
}

function isNotFound(error: unknown): boolean {
  return error instanceof KubeError && error.reason === 'NotFound';
}

function isLostRace(error: unknown): boolean {
  return error instanceof KubeError && ['Conflict', 'Invalid', 'AlreadyExists'].includes(error.reason);
}

function textOf(record: VoteRecord): string {
  return canonicalText(writeVoteRecord(record));
}

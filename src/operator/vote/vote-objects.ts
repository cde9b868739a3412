import type { DialogShard, ShardVote } from '../../api/dialog-shard-type.ts';
import { believedEpoch } from '../../api/epoch.ts';
import { isPlainObject } from '../../api/schema.ts';
import type { VoterState } from '../../gossip/index.ts';
import { decodeVoterFile, encodeVoterFile } from '../../gossip/index.ts';
import type { ConfigMap } from '../../kube/objects.ts';

/** Added to every epoch that is known when a DialogShard, and the vote in it, was lost (OWNERSHIP 7). */
const LOST_VOTE_MARGIN = 1000;

const VOTER_KEY = 'voter';
const SHARDS_KEY = 'shards';

/** Everything of a vote that does not lie in a DialogShard. */
export interface VoteRecord {
  /** The voter's memory without its grants. */
  voter: VoterState;
  /** Per tag, the uid of the DialogShard that its grants lie in. */
  shards: Record<string, string>;
}

/** Name of the ConfigMap with a cluster's VoteRecord. */
export function voteRecordName(cluster: string): string {
  return `${cluster}-operator-vote`;
}

/** What a ConfigMap holds; undefined if that is damaged. */
export function readVoteRecord({ data = {} }: ConfigMap): VoteRecord | undefined {
  const voter = decodeVoterFile(Buffer.from(data[VOTER_KEY] ?? '', 'base64'));
  const shards = readUids(data[SHARDS_KEY] ?? '');
  return voter && shards && { voter, shards };
}

export function writeVoteRecord({ voter, shards }: VoteRecord): Record<string, string> {
  const bytes = encodeVoterFile({ ...voter, grants: [] });
  return { [VOTER_KEY]: Buffer.from(bytes).toString('base64'), [SHARDS_KEY]: JSON.stringify(shards) };
}

/**
 * The record as it must be now that these shards are there: a tag whose DialogShard is another one than that of its
 * grants has lost them, so its floor rises far above every epoch that is known.
 */
export function mendRecord(
  { voter, shards }: VoteRecord,
  present: readonly DialogShard[],
  known: Readonly<Record<string, number>>,
): VoteRecord {
  const floor = new Map(voter.floor.map(({ tag, epoch }) => [tag, epoch]));
  const uids = { ...shards };
  for (const shard of present) {
    const tag = tagOf(shard);
    const uid = shard.metadata.uid ?? '';
    const former = shards[tag];
    uids[tag] = uid;
    if (former === undefined || former === uid) continue;
    const highest = Math.max(floor.get(tag) ?? 0, known[tag] ?? 0);
    floor.set(tag, Math.max(highest, believedEpoch(shard.status?.epoch ?? 0, highest)) + LOST_VOTE_MARGIN);
  }
  return { voter: { ...voter, floor: [...floor].map(([tag, epoch]) => ({ tag, epoch })) }, shards: uids };
}

/** The voter's memory with the grants that lie in the DialogShards. */
export function withGrants(voter: VoterState, votes: ReadonlyMap<string, ShardVote>): VoterState {
  return { ...voter, grants: [...votes].map(([tag, vote]) => ({ tag, ...vote })) };
}

/** The tag of a DialogShard; '' if its spec has none. */
export function tagOf({ spec }: DialogShard): string {
  const tag = isPlainObject(spec) ? spec['tag'] : undefined;
  return typeof tag === 'string' ? tag : '';
}

export function sameVote(left: ShardVote | undefined, right: ShardVote | undefined): boolean {
  return left?.epoch === right?.epoch && left?.pod === right?.pod && left?.boot === right?.boot;
}

function readUids(text: string): Record<string, string> | undefined {
  try {
    const uids: unknown = JSON.parse(text);
    return isPlainObject(uids) ? (uids as Record<string, string>) : undefined;
  } catch {
    return undefined;
  }
}

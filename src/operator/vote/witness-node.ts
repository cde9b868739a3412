import type { HostPort } from '../../api/address.ts';
import type { ObjectMeta } from '../../api/object-type.ts';
import type { KubeApi } from '../../kube/api.ts';
import { KeyRing } from '../../mesh/key-ring.ts';
import { MeshNode, type MeshConfig } from '../../mesh/mesh-node.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { OperatorMetrics } from '../metrics.ts';
import { quietInstruments } from './quiet-instruments.ts';
import { ShardVotes } from './shard-votes.ts';
import type { WitnessNode, WitnessState } from './witness.ts';

/** Pods probe the operator all the time, so it hears them anyway; its own probes are a fraction of `suspectAfter` apart. */
const PROBES_TO_SUSPECT = 4;

/** What a witness's place in the mesh is made of. */
export interface WitnessNodeParts {
  readonly api: KubeApi;
  /** Metadata of the SipCluster. */
  readonly cluster: ObjectMeta;
  /** Id in the mesh, and where it binds. */
  readonly member: string;
  readonly bind: HostPort;
  /** Whether this process leads for sure. */
  readonly leads: () => boolean;
  /** Highest epoch that is known of each tag from elsewhere. */
  readonly knownEpochs: () => Readonly<Record<string, number>>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly metrics: OperatorMetrics;
}

/** Reads from the API what the operator voted before, and makes a member of the mesh of it. */
export async function openWitnessNode(
  parts: WitnessNodeParts,
  state: WitnessState,
  onConflict: () => void,
): Promise<WitnessNode> {
  const { api, cluster, leads, knownEpochs, clock, random, log, metrics } = parts;
  const store = new ShardVotes({
    api,
    namespace: cluster.namespace ?? '',
    cluster,
    mayVote: leads,
    knownEpochs,
    onConflict: ({ message }) => {
      log.warn(message, { code: 'VOTE_CONFLICT' });
      onConflict();
    },
  });
  const keys = KeyRing.of(state.keys);
  const node = await MeshNode.open({
    keys,
    config: configOf(parts, state),
    store,
    source: { read: () => undefined },
    onEffect: () => undefined,
    log,
    metrics: quietInstruments(metrics),
    clock,
    random,
    mayAnswer: leads,
  });
  return asWitness(node, store, keys);
}

function asWitness(node: MeshNode, store: ShardVotes, ring: KeyRing): WitnessNode {
  return {
    start: () => node.start(),
    stop: () => node.stop(),
    adoptRoster: ({ number, members, floor }) => {
      node.adoptRoster({ number, members, floor: new Map(highest(Object.entries(floor), store.found)) });
    },
    setKeys: (keys) => {
      ring.replaceBy(KeyRing.of(keys));
    },
    setPeers: (peers) => {
      node.setPeers(peers);
    },
    setTags: (tags) => {
      node.setTags(tags);
    },
    vote: () => {
      const { roster, granted } = node.report();
      return { rosterNumber: roster.number, granted: Object.fromEntries(granted) };
    },
  };
}

/** The floor of a roster, and no less than the votes that were found: the voter may not know that they were its own. */
function highest(
  floor: readonly [string, number][],
  found: Readonly<Record<string, number>>,
): [string, number][] {
  const all = new Map(Object.entries(found));
  for (const [tag, epoch] of floor) all.set(tag, Math.max(epoch, all.get(tag) ?? 0));
  return [...all];
}

/** It begins without a roster of its own: the one that is stored comes by `adoptRoster`. */
function configOf({ cluster, member, bind }: WitnessNodeParts, state: WitnessState): MeshConfig {
  const { keys, suspectAfterMs, trustReset, tags } = state;
  return {
    cluster: cluster.name,
    pod: member,
    role: 'witness',
    roster: { number: 0, members: [] },
    shards: tags.map(({ tag }) => tag),
    placement: {},
    mesh: { bind, keys, probeIntervalMs: Math.ceil(suspectAfterMs / PROBES_TO_SUSPECT) },
    replication: { factor: 1, durability: 'acknowledged', protectTimeoutMs: 0 },
    failover: { suspectAfterMs, delayMs: 0, trustReset },
  };
}

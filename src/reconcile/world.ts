import type { SipClusterSpec } from '../api/sip-cluster-type.ts';
import type { Observed, ObservedShard } from './observed.ts';
import { compareText, viewPods, type PodView } from './pod-view.ts';
import type { SpecInForce } from './spec-in-force.ts';
import { viewTags, type TagView } from './tag-view.ts';
import { templateHash } from './template-hash.ts';

/** What every part of the plan reads. */
export interface World {
  observed: Observed;
  nowMs: number;
  cluster: string;
  spec: SipClusterSpec;
  /** metadata.generation of the spec in force. */
  generation: number;
  templateHash: string;
  /** By ordinal. */
  pods: PodView[];
  /** By tag, of the shards that take part. */
  tags: TagView[];
  /** Shards that take no part, each with why. */
  rejected: RejectedShard[];
}

/** A DialogShard that is left out. */
export interface RejectedShard {
  shard: ObservedShard;
  reason: 'SpecInvalid' | 'TagTaken' | 'ClusterMissing';
  message: string;
}

/** The world of a cluster whose pods run on that spec. */
export function viewWorld(observed: Observed, inForce: SpecInForce, nowMs: number): World {
  const cluster = observed.cluster.metadata.name;
  const pods = viewPods(cluster, observed.pods, observed.nodes);
  const { taken, rejected } = sortShards(observed.shards);
  return {
    observed,
    nowMs,
    cluster,
    spec: inForce.spec,
    generation: inForce.generation,
    templateHash: templateHash(inForce.spec),
    pods,
    tags: viewTags(taken, pods),
    rejected,
  };
}

/** Of two shards with one tag the older takes part, then the first by name. */
function sortShards(shards: readonly ObservedShard[]): { taken: ObservedShard[]; rejected: RejectedShard[] } {
  const taken = new Map<string, ObservedShard>();
  const rejected: RejectedShard[] = [];
  for (const shard of [...shards].sort(byAge)) {
    const { spec, problems, metadata } = shard;
    if (spec === undefined) {
      const message = problems.map((problem) => `${problem.path}: ${problem.message}`).join('; ');
      rejected.push({ shard, reason: 'SpecInvalid', message });
    } else if (taken.has(spec.tag)) {
      const other = taken.get(spec.tag)?.metadata.name ?? '';
      const message = `${other} has the tag ${spec.tag} already`;
      if (other !== metadata.name) rejected.push({ shard, reason: 'TagTaken', message });
    } else taken.set(spec.tag, shard);
  }
  return { taken: [...taken.values()], rejected };
}

function byAge(left: ObservedShard, right: ObservedShard): number {
  const [first, second] = [left, right].map((each) => each.metadata.creationTimestamp ?? '');
  return compareText(first ?? '', second ?? '') || compareText(left.metadata.name, right.metadata.name);
}

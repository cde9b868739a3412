import { LABELS } from '../api/annotations.ts';
import { eventTypeOf } from '../api/event-reasons.ts';
import type { KubeObject } from '../api/object-type.ts';
import { API_VERSION } from '../api/sip-cluster-type.ts';
import { numberedTags } from '../api/tag-names.ts';
import { configMap, type StartTag } from './config-map.ts';
import { isEqual } from './equal.ts';
import { isLost } from './evidence.ts';
import type { Goal, Places } from './goal.ts';
import { isGiven, KEY_RINGS, keySecretName } from './key-secrets.ts';
import { networkSteps } from './network-steps.ts';
import { ownedMetadata } from './owner.ts';
import type { Step } from './plan-type.ts';
import { compareText } from './pod-view.ts';
import { possibleStandbys } from './standbys.ts';
import { areTargetsPending, targetsAtStart } from './target-addresses.ts';
import type { World } from './world.ts';

/** Secrets, ConfigMap, Services, NetworkPolicy and DialogShards of the cluster that are missing or not as they should be. */
export function objectSteps(world: World): Step[] {
  return [...secretSteps(world), ...configMapSteps(world), ...networkSteps(world), ...shardSteps(world)];
}

/** Secrets of the user's are not made for him. */
function secretSteps({ cluster, spec, observed }: World): Step[] {
  const { keys = {} } = observed.cluster;
  return KEY_RINGS.filter((ring) => keys[ring] === undefined && !isGiven(spec, ring)).map((ring): Step => {
    const name = keySecretName(cluster, spec, ring);
    return { type: 'createSecret', name, ring, reason: `${name} is missing: the keys of the ${ring}` };
  });
}

function configMapSteps(world: World): Step[] {
  const { cluster } = world.observed;
  if (cluster.configMap !== undefined && areTargetsPending(world)) return [];
  const spec = { ...world.spec, targets: targetsAtStart(world) };
  const wanted = configMap(cluster.metadata, spec, startTags(world));
  if (cluster.configMap !== undefined && isEqual(cluster.configMap.data, wanted.data)) return [];
  const state = cluster.configMap === undefined ? 'is missing' : 'is not as spec and DialogShards say';
  return [{ type: 'applyObject', object: wanted, reason: `the config of the pods ${state}` }];
}

/** The tags that there are, and those whose DialogShard is about to be made, by name. */
function startTags(world: World): StartTag[] {
  const known = world.tags.map(({ tag, group }): StartTag => ({ tag, group }));
  const missing = missingTags(world).map((tag): StartTag => ({ tag, group: '' }));
  return [...known, ...missing].sort((left, right) => compareText(left.tag, right.tag));
}

/** DialogShards of the cluster's own that nobody made yet; a tag that a user's shard has is taken. */
function shardSteps(world: World): Step[] {
  const { cluster, spec, observed } = world;
  return missingTags(world).flatMap((tag): Step[] => {
    const reason = `${spec.shards} sharing tags are wanted, ${tag} is missing`;
    const object: KubeObject & { spec: unknown } = {
      apiVersion: API_VERSION,
      kind: 'DialogShard',
      metadata: ownedMetadata(observed.cluster.metadata, tag),
      spec: { clusterRef: cluster, tag },
    };
    return [
      { type: 'createShard', object, reason },
      {
        type: 'event',
        about: { kind: 'SipCluster', name: cluster, uid: observed.cluster.metadata.uid ?? '' },
        eventType: eventTypeOf('ShardCreated'),
        eventReason: 'ShardCreated',
        ...{ note: reason, reason },
      },
    ];
  });
}

/** Tags of the cluster's own whose DialogShard is about to be made. */
export function missingTags({ cluster, spec, observed }: World): string[] {
  const names = new Set(observed.shards.map((shard) => shard.metadata.name));
  const tags = new Set(observed.shards.map((shard) => shard.spec?.tag));
  return numberedTags(cluster, spec.shards).filter((tag) => !names.has(tag) && !tags.has(tag));
}

/**
 * The PodDisruptionBudget: one pod may be evicted while every tag has all its copies and no pod is leaving. There is one for all
 * pods, since the eviction of a pod that two of them match fails. What forbids evictions is the number of all pods that there are, so
 * that a pod that becomes ready before this budget is written again allows none.
 */
export function budgetSteps(world: World, places: Places, goals: readonly Goal[]): Step[] {
  const { cluster, spec, observed, pods } = world;
  const there = pods.filter((pod) => !pod.dead && !isLost(pod, world));
  const all = Math.max(spec.replicas, there.length);
  const isQuiet =
    there.length === spec.replicas && there.every((pod) => pod.ready && !places.leaving.has(pod.name));
  const isCovered =
    possibleStandbys(world, places) > 0 && goals.every(({ tag }) => tag.standbysInSync.length > 0);
  const mayGo = isQuiet && isCovered && spec.replicas > 1;
  const minAvailable = mayGo ? all - 1 : all;
  if (observed.cluster.disruptionBudget?.minAvailable === minAvailable) return [];
  const object: KubeObject & { spec: unknown } = {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: ownedMetadata(observed.cluster.metadata, cluster),
    spec: {
      minAvailable,
      selector: { matchLabels: { [LABELS.cluster.key]: cluster } },
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    },
  };
  const reason = mayGo
    ? 'every tag has a copy in sync: one pod may be evicted'
    : 'no pod may be evicted: pods are missing or leaving, or a tag has no copy in sync';
  return [{ type: 'applyObject', object, reason }];
}

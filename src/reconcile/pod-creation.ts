import { eventTypeOf } from '../api/event-reasons.ts';
import { podsWithAddress } from './config-map.ts';
import { isLost } from './evidence.ts';
import { hasFailedAtOnce } from './failed-pods.ts';
import { countsAsCapacity, type Leaving } from './leaving.ts';
import type { Step } from './plan-type.ts';
import { podObject } from './pod-template.ts';
import type { World } from './world.ts';

/** Ordinals that are tried beyond those in use. */
const MOST_NAMES = 100;

/** Pods to be made now, each with its Event. */
export function creationSteps(world: World, leaving: ReadonlyMap<string, Leaving>): Step[] {
  const { metadata } = world.observed.cluster;
  const { count, reason, replaced } = podsToMake(world, leaving);
  return freeNames(world, count).flatMap((name, index): Step[] => {
    const dead = replaced[index];
    const note = dead === undefined ? `${name}: ${reason}` : `${name} takes the place of ${dead}`;
    const eventReason = dead === undefined ? 'PodCreated' : 'PodReplaced';
    return [
      { type: 'createPod', name, object: podObject({ ...world, metadata }, name), reason: note },
      {
        type: 'event',
        about: { kind: 'SipCluster', name: metadata.name, uid: metadata.uid ?? '' },
        eventType: eventTypeOf(eventReason),
        ...{ eventReason, note, reason: note, creationOf: name },
      },
    ];
  });
}

interface Creation {
  count: number;
  reason: string;
  /** Names of pods of the status that are dead or gone without having been emptied. */
  replaced: string[];
}

/** As many as are wanted and missing, and with surge one more at a time for each that is to be replaced. */
function podsToMake(world: World, leaving: ReadonlyMap<string, Leaving>): Creation {
  const { spec, pods } = world;
  const living = pods.filter((pod) => !pod.dead);
  const capacity = living.filter((pod) => countsAsCapacity(leaving.get(pod.name)));
  const isOutdated = capacity.some((pod) => pod.templateHash !== world.templateHash);
  const { maxSurge } = spec.rollout;
  // One pod at a time: the next one begins when the last one has ended.
  const isNext = isOutdated && living.every((pod) => !pod.terminating || isLost(pod, world));
  const wanted = spec.replicas + (isNext ? maxSurge : 0);
  // Without surge a name, a host port or an address is free only when the object of its last holder is gone.
  const present = (maxSurge === 0 ? pods : living.filter((pod) => !pod.terminating)).filter(
    (pod) => !isLost(pod, world),
  );
  const failed = pods.filter((pod) => hasFailedAtOnce(pod, world)).length;
  const count = Math.min(wanted - capacity.length - failed, spec.replicas + maxSurge - present.length);
  const isSurge = capacity.length >= spec.replicas;
  return {
    count: Math.max(0, count),
    reason: isSurge
      ? 'it takes over from a pod of an older template'
      : `${spec.replicas} wanted, ${capacity.length} there`,
    replaced: isSurge ? [] : deadPods(world),
  };
}

/** Pods that the status knew as living and that died by themselves. */
function deadPods(world: World): string[] {
  const { observed, pods } = world;
  const before = observed.cluster.status?.pods ?? [];
  return before
    .filter(({ uid, phase }) => {
      const pod = pods.find((each) => each.uid === uid);
      return phase !== 'Leaving' && (pod === undefined || pod.dead || isLost(pod, world));
    })
    .map(({ name }) => name);
}

/** The first free names; where listeners have an address for each pod, only names that have one. */
function freeNames({ cluster, spec, observed }: World, count: number): string[] {
  const taken = new Set([...observed.pods.map((pod) => pod.metadata.name), ...(observed.takenNames ?? [])]);
  const named = podsWithAddress(spec);
  const names: string[] = [];
  for (let ordinal = 0; names.length < count && ordinal <= taken.size + count + MOST_NAMES; ordinal++) {
    const name = `${cluster}-${ordinal}`;
    if (!taken.has(name) && (named === undefined || named.includes(name))) names.push(name);
  }
  return names;
}

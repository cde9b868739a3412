import { CLUSTER_NAME, LONGEST_CLUSTER_NAME } from './cluster-names.ts';
import { freeze } from './freeze.ts';
import type { Parsed, Problem } from './problem.ts';
import { Place } from './schema.ts';
import { checkSipClusterSpec } from './sip-cluster-checks.ts';
import { sipClusterSchema, type SipClusterDocument } from './sip-cluster-schema.ts';
import type { SipClusterSpec } from './sip-cluster-type.ts';

/** Copies beside the owner, where there are pods enough for them. */
const USUAL_FACTOR = 2;

const NAME_PATTERN = new RegExp(CLUSTER_NAME);

/**
 * Reads `spec` of a SipCluster: all its problems, each with a path such as `spec.listeners[0].port`, or the spec.
 * `former`: the last good spec as it was written. A cluster may be scaled below the copies that it asked for while it was
 * larger: it keeps as many as there are pods for.
 */
export function parseSipClusterSpec(spec: unknown, former?: unknown): Parsed<SipClusterSpec> {
  const place = new Place('spec');
  const draft = sipClusterSchema.read(spec, place);
  const before = former === undefined ? undefined : sipClusterSchema.read(former, new Place('spec'));
  if (draft !== undefined) checkSipClusterSpec(draft, place, before?.replication?.factor);
  if (place.problems.length > 0) return { ok: false, problems: place.problems };
  // Without problems nothing is missing from the draft.
  return { ok: true, value: freeze(complete(draft as SipClusterDocument)) };
}

function complete(given: SipClusterDocument): SipClusterSpec {
  const factor = given.replication.factor ?? Math.min(USUAL_FACTOR, given.replicas - 1);
  const maxSurge = hasAddressToSpare(given) ? given.rollout.maxSurge : 0;
  return { ...given, replication: { ...given.replication, factor }, rollout: { maxSurge } };
}

/** Whether a pod could be made in addition to all others; where addresses are listed, none comes without one. */
function hasAddressToSpare({ listeners, replicas }: SipClusterDocument): boolean {
  return listeners.every(({ advertise: { map } }) => map === undefined || Object.keys(map).length > replicas);
}

/** What is wrong with the name of a SipCluster; its pods and tags are named after it. */
export function checkSipClusterName(name: string): Problem[] {
  if (NAME_PATTERN.test(name) && name.length <= LONGEST_CLUSTER_NAME) return [];
  const message = `must be at most ${LONGEST_CLUSTER_NAME} small letters, digits and dashes with a letter first, since pods, Services and tags are named after it`;
  return [{ path: 'metadata.name', code: 'CONFIG_VALUE', message }];
}

/** What a spec without problems lacks for a cluster of this name: addresses of pods, where they are listed by name. */
export function checkSipClusterPods(name: string, { listeners, replicas }: SipClusterSpec): Problem[] {
  const pods = Array.from({ length: replicas }, (_, ordinal) => `${name}-${ordinal}`);
  return listeners.flatMap(({ advertise: { map } }, index): Problem[] => {
    const missing = map === undefined ? [] : pods.filter((pod) => !Object.hasOwn(map, pod));
    if (missing.length === 0) return [];
    const message = `has no address for ${missing.join(', ')}: pods are named after their SipCluster`;
    return [{ path: `spec.listeners[${index}].advertise.map`, code: 'CONFIG_REFERENCE', message }];
  });
}

/** What may not change between two specs that have no problems by themselves. */
export function checkSipClusterChange(old: SipClusterSpec, changed: SipClusterSpec): Problem[] {
  if (changed.shards >= old.shards) return [];
  const message = `may only grow: it was ${old.shards}, and the calls of a tag that is taken away would have no owner`;
  return [{ path: 'spec.shards', code: 'CONFIG_CONFLICT', message }];
}

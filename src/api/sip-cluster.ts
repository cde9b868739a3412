import { freeze } from './freeze.ts';
import type { Parsed, Problem } from './problem.ts';
import { Place } from './schema.ts';
import { checkSipClusterSpec } from './sip-cluster-checks.ts';
import { sipClusterSchema, type SipClusterDocument } from './sip-cluster-schema.ts';
import type { SipClusterSpec } from './sip-cluster-type.ts';

/** Copies beside the owner, where there are pods enough for them. */
const USUAL_FACTOR = 2;

/** Room for `-1023` behind it in a tag, and for `.` and eight digits behind a pod's name in the mesh. */
const LONGEST_NAME = 48;
// RFC 1123 §2.1: pods are named after their cluster, and a pod's name is a host name.
const HOST_LABEL = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

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
  return { ...given, replication: { ...given.replication, factor } };
}

/** What is wrong with the name of a SipCluster; its pods and tags are named after it. */
export function checkSipClusterName(name: string): Problem[] {
  if (HOST_LABEL.test(name) && name.length <= LONGEST_NAME) return [];
  const message = `must be at most ${LONGEST_NAME} small letters, digits and dashes, since pods and tags are named after it`;
  return [{ path: 'metadata.name', code: 'CONFIG_VALUE', message }];
}

/** What may not change between two specs that have no problems by themselves. */
export function checkSipClusterChange(old: SipClusterSpec, changed: SipClusterSpec): Problem[] {
  if (changed.shards >= old.shards) return [];
  const message = `may only grow: it was ${old.shards}, and the calls of a tag that is taken away would have no owner`;
  return [{ path: 'spec.shards', code: 'CONFIG_CONFLICT', message }];
}

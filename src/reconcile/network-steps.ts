import { ANNOTATIONS } from '../api/annotations.ts';
import type { KubeObject } from '../api/object-type.ts';
import { digest } from './digest.ts';
import { entryService, meshService, networkPolicy, type OwnObject } from './network.ts';
import type { Step } from './plan-type.ts';
import { isSaid } from './said.ts';
import type { World } from './world.ts';

/** Services and the NetworkPolicy of the cluster that are missing, not as they should be, or not wanted any more. */
export function networkSteps(world: World): Step[] {
  const { spec, observed } = world;
  const { metadata } = observed.cluster;
  return [
    ...stepsFor(world, meshService(metadata), true),
    ...stepsFor(world, entryService(metadata, spec), spec.service.enabled),
    ...stepsFor(world, networkPolicy(metadata, spec), spec.networkPolicy.enabled),
  ];
}

function stepsFor({ observed }: World, wanted: OwnObject, isWanted: boolean): Step[] {
  const { kind, metadata } = wanted;
  const { objects = [], metadata: cluster } = observed.cluster;
  const live = objects.find((each) => each.kind === kind && each.metadata.name === metadata.name);
  const uid = cluster.uid ?? '';
  if (live !== undefined && !isOwnedBy(live, uid)) return [];
  const what = `${kind} ${metadata.name}`;
  if (!isWanted) return live === undefined ? [] : [removal(live, `${what} is switched off`)];
  const object = withDigest(wanted);
  if (live !== undefined && isSaid(object, live)) return [];
  const reason = `${what} ${live === undefined ? 'is missing' : 'is not as the spec says'}`;
  return [{ type: 'applyObject', object, reason }];
}

function removal({ kind, metadata }: KubeObject, reason: string): Step {
  return { type: 'deleteObject', kind, name: metadata.name, uid: metadata.uid ?? '', reason };
}

/** An object of a person's that has this name is left alone. */
function isOwnedBy({ metadata }: KubeObject, uid: string): boolean {
  return metadata.ownerReferences?.some((owner) => owner.uid === uid) === true;
}

/** The digest of all that is said now: what is not said any more is to go, and cannot be seen by what is there. */
function withDigest(wanted: OwnObject): OwnObject {
  const { metadata } = wanted;
  const said = digest({
    ...wanted,
    metadata: { labels: metadata.labels, annotations: metadata.annotations },
  });
  const annotations = { ...metadata.annotations, [ANNOTATIONS.appliedHash.key]: said };
  return { ...wanted, metadata: { ...metadata, annotations } };
}

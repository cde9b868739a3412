import { isGiven, KEY_RINGS, keySecretName } from './key-secrets.ts';
import { targetProblems } from './target-addresses.ts';
import { addressProblems } from './told-addresses.ts';
import type { World } from './world.ts';

/** What the spec names and is not there, one text each. */
export function missingReferences(world: World): string[] {
  return [...keyProblems(world), ...targetProblems(world), ...addressProblems(world)];
}

/** Secrets of the user's: the operator makes its own. */
function keyProblems({ cluster, spec, observed }: World): string[] {
  return KEY_RINGS.filter((ring) => isGiven(spec, ring)).flatMap((ring) => {
    const keys = observed.cluster.keys?.[ring];
    const what = `Secret ${keySecretName(cluster, spec, ring)}`;
    if (keys === undefined) return [`${what} is missing, or not of type Opaque: the keys of the ${ring}`];
    return keys.ids.length === 0 ? [`${what} has no good keys under ${ring}`] : [];
  });
}

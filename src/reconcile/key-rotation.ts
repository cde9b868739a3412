import type { ControlReport } from '../api/control.ts';
import { eventStep } from './cluster-events.ts';
import { isGiven, KEY_RINGS, keySecretName } from './key-secrets.ts';
import type { KeyRingName, ObservedKeys } from './observed.ts';
import type { Step } from './plan-type.ts';
import type { World } from './world.ts';

const OWN_ID = /^k(\d{1,9})$/;

/** The keys that a ring should have next, and why. */
interface Change {
  to: string[];
  reason: string;
}

/**
 * Keys of the operator's own become others one phase at a time: the new key comes last, first when every pod knows it, and those
 * before it go when every pod uses the new one and no call has a token of theirs.
 */
export function rotationSteps(world: World): Step[] {
  return KEY_RINGS.flatMap((ring): Step[] => {
    const keys = ownKeys(world, ring);
    const change = keys && changeOf(world, ring, keys);
    if (keys === undefined || change === undefined) return [];
    const { cluster, spec, observed } = world;
    const { to, reason } = change;
    const step = { ring, name: keySecretName(cluster, spec, ring), from: keys.ids, to, reason };
    const about = { kind: 'SipCluster', name: cluster, uid: observed.cluster.metadata.uid ?? '' } as const;
    const isNews = to[0] !== keys.ids[0];
    return [{ type: 'rotateKeys', ...step }, ...(isNews ? [eventStep(about, 'KeysRotated', reason)] : [])];
  });
}

/** When the next key is old enough, milliseconds since 1970; Infinity if none ever is. */
export function rotationDueAtMs(world: World): number {
  const dues = KEY_RINGS.map((ring) => {
    const keys = ownKeys(world, ring);
    return keys === undefined ? Infinity : dueAtMs(world, keys);
  });
  return Math.min(...dues);
}

function ownKeys({ spec, observed }: World, ring: KeyRingName): ObservedKeys | undefined {
  const keys = observed.cluster.keys?.[ring];
  return isGiven(spec, ring) || keys?.ids.length === 0 ? undefined : keys;
}

function changeOf(world: World, ring: KeyRingName, { ids, madeAtMs }: ObservedKeys): Change | undefined {
  const [first = ''] = ids;
  const newest = newestOf(ids);
  if (newest !== first) {
    const isKnown = everyPod(world, (keys) => keys[ring].includes(newest));
    const to = [newest, ...ids.filter((id) => id !== newest)];
    return isKnown
      ? { to, reason: `${newest} is the first key of the ${ring} from now on: all pods know it` }
      : undefined;
  }
  const idle = ids
    .slice(1)
    .filter((id) => everyPod(world, (keys) => keys[ring][0] === newest && !isUsed(keys, ring, id)));
  if (idle.length > 0) {
    const to = ids.filter((id) => !idle.includes(id));
    return { to, reason: `${idle.join(', ')} of the ${ring} goes: nobody uses it any more` };
  }
  if (world.nowMs < dueAtMs(world, { ids, madeAtMs })) return undefined;
  const fresh = `k${numberOf(newest) + 1}`;
  return { to: [...ids, fresh], reason: `${newest} of the ${ring} is old: ${fresh} is made` };
}

function dueAtMs({ spec }: World, { madeAtMs }: ObservedKeys): number {
  const { rotateEveryMs } = spec.keys;
  return rotateEveryMs === 0 ? Infinity : madeAtMs + rotateEveryMs;
}

/** A pod that does not say what it knows may need any key. */
function everyPod({ pods }: World, holds: (keys: NonNullable<ControlReport['keys']>) => boolean): boolean {
  const living = pods.filter(({ dead }) => !dead);
  return living.every(
    ({ report, reachable }) => reachable && report?.keys !== undefined && holds(report.keys),
  );
}

function isUsed(keys: NonNullable<ControlReport['keys']>, ring: KeyRingName, id: string): boolean {
  return ring === 'tokens' && keys.tokensInUse.includes(id);
}

/** The one with the highest number. */
function newestOf(ids: readonly string[]): string {
  return ids.reduce((newest, id) => (numberOf(id) > numberOf(newest) ? id : newest), ids[0] ?? '');
}

function numberOf(id: string): number {
  return Number(OWN_ID.exec(id)?.[1] ?? 0);
}

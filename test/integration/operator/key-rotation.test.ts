import { describe, expect, it } from '@jest/globals';
import { SECRETS } from '../../../src/kube/kinds.ts';
import { keysIn } from '../../../src/operator/steps/key-secret.ts';
import { KeyRing } from '../../../src/mesh/key-ring.ts';
import type { KeyRingName } from '../../../src/reconcile/observed.ts';
import { NAMESPACE } from '../../unit/operator/memory.ts';
import { World } from './world.ts';

async function idsOf(world: World, ring: KeyRingName): Promise<string> {
  const secret = await world.api.get(SECRETS, { namespace: NAMESPACE, name: `edge-${ring}` });
  return keysIn(secret, ring)
    .map(({ id }) => id)
    .join();
}

async function untilIds(world: World, ring: KeyRingName, ids: string): Promise<void> {
  await world.until(async () => (await idsOf(world, ring)) === ids, `the ring ${ring} is ${ids}`);
}

/** The pods have read the Secrets as they are now, and say so. */
async function read(world: World, tokensInUse: string[] = []): Promise<void> {
  const [mesh = [], tokens = []] = await Promise.all(
    (['mesh', 'tokens'] as const).map(async (ring) => {
      const secret = await world.api.get(SECRETS, { namespace: NAMESPACE, name: `edge-${ring}` });
      return keysIn(secret, ring);
    }),
  );
  const idsIn = (keys: readonly { id: string }[]): string[] => keys.map(({ id }) => id);
  for (const name of ['edge-0', 'edge-1']) {
    const { server } = world.fleet.named(name);
    server.ring.replaceBy(KeyRing.of(mesh));
    server.change({ keys: { mesh: idsIn(mesh), tokens: idsIn(tokens), tokensInUse } });
  }
}

describe('the keys of a cluster', () => {
  it('are made once, and become others as pods know and need them', async () => {
    const world = new World();
    await world.start({ replicas: 2, shards: 2 });
    await world.untilSettled(2);
    expect([await idsOf(world, 'mesh'), await idsOf(world, 'tokens')]).toEqual(['k1', 'k1']);
    const first = await world.api.get(SECRETS, { namespace: NAMESPACE, name: 'edge-mesh' });
    // Old at once, and young for the rest of the test once they are new.
    for (const name of ['edge-mesh', 'edge-tokens'])
      await world.annotate(SECRETS, name, 'sip.rehome.dev/key-made', '2026-01-01T00:00:00Z');
    await world.setSpec('keys', { rotateEvery: '1h' });
    await untilIds(world, 'mesh', 'k1,k2');
    await untilIds(world, 'tokens', 'k1,k2');
    await read(world);
    await untilIds(world, 'mesh', 'k2,k1');
    await untilIds(world, 'tokens', 'k2,k1');
    await world.untilSaid('KeysRotated');
    await read(world, ['k1']);
    await untilIds(world, 'mesh', 'k2');
    expect(await idsOf(world, 'tokens')).toBe('k2,k1');
    await read(world);
    await untilIds(world, 'tokens', 'k2');
    const last = await world.api.get(SECRETS, { namespace: NAMESPACE, name: 'edge-mesh' });
    expect(last.metadata.uid).toBe(first.metadata.uid);
    expect(keysIn(last, 'mesh')[0]?.secret).not.toBe(keysIn(first, 'mesh')[0]?.secret);
  }, 120_000);
});

import { randomBytes } from 'node:crypto';
import type { ObjectMeta } from '../../api/object-type.ts';
import { parseKeyFile } from '../../api/proxy-config-keys.ts';
import type { MeshKey } from '../../api/proxy-config-type.ts';
import type { Secret } from '../../kube/objects.ts';
import type { KeyRingName } from '../../reconcile/observed.ts';

const SECRET_BYTES = 32;
const FIRST_KEY_ID = 'k1';

/**
 * A Secret with a new random key. Its data has the keys of a ring, one "id secret" a line, under the ring's name, which is that
 * of the pods' key file too.
 */
export function newKeySecret(metadata: ObjectMeta, ring: KeyRingName): Secret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata,
    type: 'Opaque',
    data: keyData(ring, [newKey(FIRST_KEY_ID)]),
  };
}

/** A key with a random secret. */
export function newKey(id: string): MeshKey {
  return { id, secret: randomBytes(SECRET_BYTES).toString('base64url') };
}

/** The data of a Secret with these keys. */
export function keyData(ring: KeyRingName, keys: readonly MeshKey[]): Record<string, string> {
  const text = keys.map(({ id, secret }) => `${id} ${secret}\n`).join('');
  return { [ring]: Buffer.from(text).toString('base64') };
}

/** The keys of a ring in its Secret, none if it has no good ones. */
export function keysIn(secret: Secret | undefined, ring: KeyRingName): readonly MeshKey[] {
  const text = Buffer.from(secret?.data?.[ring] ?? '', 'base64').toString();
  const parsed = parseKeyFile(text, ring);
  return parsed.ok ? parsed.value : [];
}

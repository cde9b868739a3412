import { randomBytes } from 'node:crypto';
import type { ObjectMeta } from '../../api/object-type.ts';
import type { Secret } from '../../kube/objects.ts';
import { parseKeyFile } from '../../api/proxy-config-keys.ts';
import type { MeshKey } from '../../api/proxy-config-type.ts';

const SECRET_BYTES = 32;
/** Key of the Secret's data that holds the mesh keys, one "id secret" a line; the name of the pods' key file. */
const DATA_KEY = 'mesh';
const FIRST_KEY_ID = 'k1';

/** A Secret with a new random mesh key. */
export function newMeshSecret(metadata: ObjectMeta): Secret {
  const line = `${FIRST_KEY_ID} ${randomBytes(SECRET_BYTES).toString('base64url')}\n`;
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata,
    type: 'Opaque',
    data: { [DATA_KEY]: Buffer.from(line).toString('base64') },
  };
}

/** The mesh keys in a Secret, none if it has no good ones. */
export function meshKeysOf(secret: Secret | undefined): readonly MeshKey[] {
  const text = Buffer.from(secret?.data?.[DATA_KEY] ?? '', 'base64').toString();
  const parsed = parseKeyFile(text);
  return parsed.ok ? parsed.value : [];
}

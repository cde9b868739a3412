import type { Parsed } from './problem.ts';
import { meshKey } from './proxy-config-schema.ts';
import type { MeshKey } from './proxy-config-type.ts';
import { isPlainObject, Place, type Draft } from './schema.ts';

const KEY_LINE = /^(\S+)\s+(\S+)$/;

/** The sections of a document that have keys, or name a file with them. */
export type KeySection = 'mesh' | 'tokens';

/** The key file that a section of a document names, whatever else may be wrong with it. */
export function keyFileOf(document: unknown, name: KeySection): string | undefined {
  const section = isPlainObject(document) ? document[name] : undefined;
  const keyFile = isPlainObject(section) ? section['keyFile'] : undefined;
  return typeof keyFile === 'string' ? keyFile : undefined;
}

/** Reads a key file, one "id secret" a line; empty lines and those that begin with # are passed over. */
export function parseKeyFile(text: string, section: KeySection = 'mesh'): Parsed<readonly MeshKey[]> {
  const { problems } = new Place();
  const path = `${section}.keyFile`;
  const keys = new Map<string | undefined, Draft<MeshKey> | undefined>();
  for (const [index, line] of text.split('\n').entries()) {
    const content = line.trim();
    if (content === '' || content.startsWith('#')) continue;
    const place = new Place(`${path} line ${index + 1}`, problems);
    const key = readKey(content, place);
    if (key?.id !== undefined && keys.has(key.id))
      place.key('id').problem('CONFIG_DUPLICATE', `${key.id} is there twice`);
    keys.set(key?.id, key);
  }
  if (keys.size === 0)
    new Place(path, problems).problem('CONFIG_REQUIRED', 'has no key: write one a line, "id secret"');
  if (problems.length > 0) return { ok: false, problems };
  // Without problems every key is whole.
  return { ok: true, value: [...keys.values()] as MeshKey[] };
}

// The line is not quoted: it may be a secret alone.
function readKey(line: string, place: Place): Draft<MeshKey> | undefined {
  const [, id, secret] = KEY_LINE.exec(line) ?? [];
  if (id !== undefined) return meshKey.read({ id, secret }, place);
  place.problem('CONFIG_VALUE', 'must be an id and a secret, with blanks between');
  return undefined;
}

import type { Identity } from './identity.ts';

// magic and version | length of the rest (2 bytes) | cluster | sender | receiver | boot id, each a length byte and UTF-8.
const MAGIC = Buffer.from('RHM\x01', 'latin1');
const HEAD_BYTES = MAGIC.length + 2;
const MAX_NAMES_BYTES = 1024;

/** The first frame of a stream in each direction: who speaks, and to whom. */
export interface Introduction extends Identity {
  readonly receiver: string;
}

/** What a stream began with. `rest`: bytes that came behind the introduction. */
export type ReadIntroduction =
  { readonly introduction: Introduction; readonly rest: Buffer } | 'incomplete' | 'malformed';

/** The bytes that introduce `self` to `receiver`. */
export function encodeIntroduction(self: Identity, receiver: string): Buffer {
  const names = [self.cluster, self.pod, receiver, self.bootId].flatMap((name) => {
    const bytes = Buffer.from(name);
    return [Buffer.of(bytes.length), bytes];
  });
  const head = Buffer.alloc(HEAD_BYTES);
  head.set(MAGIC);
  head.writeUInt16BE(Buffer.concat(names).length, MAGIC.length);
  return Buffer.concat([head, ...names]);
}

/** Reads an introduction at the start of what a stream has brought so far. */
export function readIntroduction(bytes: Buffer): ReadIntroduction {
  const magic = bytes.subarray(0, MAGIC.length);
  if (!magic.equals(MAGIC.subarray(0, magic.length))) return 'malformed';
  if (bytes.length < HEAD_BYTES) return 'incomplete';
  const end = HEAD_BYTES + bytes.readUInt16BE(MAGIC.length);
  if (end > HEAD_BYTES + MAX_NAMES_BYTES) return 'malformed';
  if (bytes.length < end) return 'incomplete';
  const names = readNames(bytes.subarray(HEAD_BYTES, end));
  const [cluster, pod, receiver, bootId] = names;
  if (cluster === undefined || pod === undefined || receiver === undefined || bootId === undefined)
    return 'malformed';
  return { introduction: { cluster, pod, receiver, bootId }, rest: bytes.subarray(end) };
}

/** Later versions may add names at the end. */
function readNames(bytes: Buffer): string[] {
  const names: string[] = [];
  let at = 0;
  while (at < bytes.length) {
    const end = at + 1 + bytes.readUInt8(at);
    if (end > bytes.length) return [];
    names.push(bytes.toString('utf8', at + 1, end));
    at = end;
  }
  return names;
}

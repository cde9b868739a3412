import type { MeshCore } from './core.ts';
import type { TagState } from './tag-state.ts';
import type { RecordItem } from './message.ts';

const NO_BYTES = new Uint8Array(0);

/** Bytes of `records` and `changes` in one frame, about. */
export const CHUNK_BYTES = 65_536;

/** The newest version of a record for the wire: from the store, or from the program that holds it; undefined if it is nowhere. */
export function readItem(core: MeshCore, state: TagState, key: string): RecordItem | undefined {
  const { store } = state;
  const version = store.version(key);
  if (version === undefined) {
    if (!store.isEnded(key)) return undefined;
    return { key, epoch: 0, version: 0, ended: true, doubtful: false, bytes: NO_BYTES };
  }
  const bytes = store.bytes(key) ?? core.settings.source.read(state.tag, key);
  if (bytes !== undefined) return { ...version, ended: false, doubtful: store.doubtful(key), bytes };
  store.forget(key);
  core.note('record-missing', { tag: state.tag }, `the program has no record ${key}, and did not end it`);
  return undefined;
}

/** Cuts off the first keys whose records fill one chunk and reads them. */
export function readChunk(core: MeshCore, state: TagState, keys: string[]): RecordItem[] {
  const items: RecordItem[] = [];
  let length = 0;
  let taken = 0;
  while (taken < keys.length && length < CHUNK_BYTES) {
    const item = readItem(core, state, keys[taken++] ?? '');
    if (item === undefined) continue;
    items.push(item);
    length += item.bytes.length + item.key.length;
  }
  keys.splice(0, taken);
  return items;
}

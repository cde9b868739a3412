import { inflateRawSync } from 'node:zlib';

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const END_LENGTH = 22;
const DEFLATED = 8;

/** Content of a file in a ZIP archive (APPNOTE.TXT 4.3), which must be below 4 GiB. Throws Error if there is no such file. */
export function fileInZip(archive: Buffer, name: string): Buffer {
  let end = archive.length - END_LENGTH;
  while (end > 0 && archive.readUInt32LE(end) !== END_OF_DIRECTORY) end--;
  let at = archive.readUInt32LE(end + 16);
  while (archive.readUInt32LE(at) === DIRECTORY_ENTRY) {
    const nameLength = archive.readUInt16LE(at + 28);
    if (archive.toString('utf8', at + 46, at + 46 + nameLength) === name) return contentOf(archive, at);
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  throw new Error(`the archive has no ${name}`);
}

function contentOf(archive: Buffer, entry: number): Buffer {
  const method = archive.readUInt16LE(entry + 10);
  const length = archive.readUInt32LE(entry + 20);
  const header = archive.readUInt32LE(entry + 42);
  const start = header + 30 + archive.readUInt16LE(header + 26) + archive.readUInt16LE(header + 28);
  const bytes = archive.subarray(start, start + length);
  return method === DEFLATED ? inflateRawSync(bytes) : bytes;
}

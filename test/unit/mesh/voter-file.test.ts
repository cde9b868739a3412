import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { VoterFile } from '../../../src/mesh/voter-file.ts';

describe('voter file', () => {
  let folder: string;
  let path: string;
  let file: VoterFile;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'voter-'));
    path = join(folder, 'data', 'voter');
    file = new VoterFile(path);
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('is nothing at the first start, and then what was written last', async () => {
    expect(await file.read()).toBeUndefined();
    await file.write(Buffer.from('one'));
    await file.write(Buffer.from('two'));
    expect(await new VoterFile(path).read()).toEqual(Buffer.from('two'));
    expect(readdirSync(join(folder, 'data'))).toEqual(['voter']);
  });

  it('does not pass for empty when it cannot be read', async () => {
    await file.read();
    mkdirSync(path);
    await expect(file.read()).rejects.toThrow('EISDIR');
  });

  it('says when it could not be written', async () => {
    await file.read();
    mkdirSync(path);
    await expect(file.write(Buffer.from('one'))).rejects.toThrow('EISDIR');
  });
});

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { VoterFile } from '../../../../src/proxy/mesh/voter-file.ts';

describe('voter file', () => {
  let folder: string;
  let path: string;
  let saved: number[];
  let failures: string[];
  let file: VoterFile;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'voter-'));
    path = join(folder, 'data', 'voter');
    saved = [];
    failures = [];
    file = new VoterFile(path, {
      saved: (token) => saved.push(token),
      failed: (error) => failures.push(error.message),
    });
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('is nothing at the first start, and then what was saved last', async () => {
    expect(file.read()).toBeUndefined();
    file.save(1, Buffer.from('one'));
    await file.close();
    expect(saved).toEqual([1]);
    expect(file.read()).toEqual(Buffer.from('one'));
    expect(readdirSync(join(folder, 'data'))).toEqual(['voter']);
  });

  it('writes only the newest of what came while a write was under way, and confirms that', async () => {
    file.read();
    file.save(1, Buffer.from('one'));
    file.save(2, Buffer.from('two'));
    file.save(3, Buffer.from('three'));
    await file.close();
    expect(saved).toEqual([1, 3]);
    expect(readFileSync(path, 'utf8')).toBe('three');
  });

  it('confirms nothing before it is on disk', async () => {
    file.read();
    const seen: string[] = [];
    const checked = new VoterFile(path, {
      saved: () => seen.push(readFileSync(path, 'utf8')),
      failed: (error) => failures.push(error.message),
    });
    checked.save(1, Buffer.from('one'));
    expect(seen).toEqual([]);
    await checked.close();
    expect(seen).toEqual(['one']);
  });

  it('confirms nothing while it cannot write, and then the newest', async () => {
    file.read();
    mkdirSync(path);
    file.save(1, Buffer.from('one'));
    await waitFor(() => failures.length > 0);
    expect(saved).toEqual([]);
    rmdirSync(path);
    file.save(2, Buffer.from('two'));
    await waitFor(() => saved.length > 0);
    expect(saved).toEqual([2]);
    expect(readFileSync(path, 'utf8')).toBe('two');
  });

  it('does not pass for empty when it cannot be read', () => {
    file.read();
    mkdirSync(path);
    expect(() => file.read()).toThrow('EISDIR');
  });
});

async function waitFor(done: () => boolean): Promise<void> {
  while (!done()) await new Promise((resolve) => setTimeout(resolve, 5));
}

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathWithPrograms } from './programs/programs.ts';

/** Puts the programs that the suite runs on PATH, making those that are nowhere, and a folder for what all its servers are asked. */
export default async function setUp(): Promise<void> {
  process.env['PATH'] = await pathWithPrograms();
  process.env['REHOME_AUDIT_FOLDER'] = mkdtempSync(join(tmpdir(), 'rehome-audit-'));
}

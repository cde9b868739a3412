import { rmSync } from 'node:fs';

/** Removes the folder that the set-up made. */
export default function tearDown(): void {
  const folder = process.env['REHOME_AUDIT_FOLDER'];
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
}

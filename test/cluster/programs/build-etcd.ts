import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runToEnd } from './run-to-end.ts';

const VERSION = 'v3.6.6';
const MODULE = 'go.etcd.io/etcd/server/v3';
const WHY = 'etcd 3.4 or newer is needed on PATH or in REHOME_KUBE_BIN, or Go to build it';

/** Builds etcd from its Go module. */
export async function buildEtcd(target: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'rehome-build-'));
  try {
    // The module replaces others, so that `go install` does not take it by itself.
    writeFileSync(join(folder, 'go.mod'), 'module rehome/programs\n\ngo 1.24\n');
    writeFileSync(
      join(folder, 'programs.go'),
      `//go:build programs\n\npackage programs\n\nimport _ "${MODULE}"\n`,
    );
    const go = (...args: string[]): Promise<string> => runToEnd('go', args, folder, WHY);
    await go('get', `${MODULE}@${VERSION}`);
    await go('mod', 'tidy');
    await go('build', '-trimpath', '-ldflags', '-s -w', '-o', join(target, 'etcd'), MODULE);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

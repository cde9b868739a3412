import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runToEnd } from './run-to-end.ts';

const VERSION = 'v1.35.3';
const MODULE = 'k8s.io/kubernetes';
const PROGRAMS = ['kube-apiserver', 'kubectl'];
const WHY = `kube-apiserver and kubectl ${VERSION} are needed on PATH or in REHOME_KUBE_BIN, or Go to build them`;

/** Builds kube-apiserver and kubectl from their Go module; takes some minutes and 3 GiB of Go's caches. */
export async function buildKubernetes(target: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'rehome-build-'));
  try {
    const go = (...args: string[]): Promise<string> => runToEnd('go', args, folder, WHY);
    const { GoMod } = JSON.parse(await go('mod', 'download', '-json', `${MODULE}@${VERSION}`)) as {
      GoMod: string;
    };
    writeFileSync(join(folder, 'go.mod'), goMod(readFileSync(GoMod, 'utf8')));
    const packages = PROGRAMS.map((program) => `${MODULE}/cmd/${program}`);
    const imports = packages.map((each) => `import _ "${each}"`).join('\n');
    writeFileSync(join(folder, 'programs.go'), `//go:build programs\n\npackage programs\n\n${imports}\n`);
    await go('mod', 'tidy');
    mkdirSync(target, { recursive: true });
    await go('build', '-trimpath', '-ldflags', linkerFlags(), '-o', `${target}/`, ...packages);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The module asks for its parts at v0.0.0, and they are published as v0.X.Y. */
function goMod(original: string): string {
  const parts = VERSION.replace(/^v1\./, 'v0.');
  const lines = original.split('\n').map((line) => line.trim().replace(/^require /, ''));
  const toolchain = lines.filter((line) => /^(go|godebug) /.test(line));
  const staged = lines
    .map((line) => /^(k8s\.io\/\S+) v0\.0\.0$/.exec(line.replace(/ \/\/.*/, ''))?.[1])
    .filter((each) => each !== undefined);
  const replaces = staged.map((each) => `replace ${each} => ${each} ${parts}`);
  return ['module rehome/programs', ...toolchain, `require ${MODULE} ${VERSION}`, ...replaces, ''].join('\n');
}

function linkerFlags(): string {
  const [major = '', minor = ''] = VERSION.slice(1).split('.');
  const values = { gitVersion: VERSION, gitMajor: major, gitMinor: minor };
  const set = Object.entries(values).map(
    ([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`,
  );
  return ['-s', '-w', ...set].join(' ');
}

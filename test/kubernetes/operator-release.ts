import { helm, kubectl } from './kubectl.ts';
import { mustRun } from './run-command.ts';
import { imageParts, readSettings } from './settings.ts';

/** The one operator of all suites. */
export const OPERATOR_NAMESPACE = 'rehome-e2e-operator';
export const OPERATOR_RELEASE = 'rehome';
export const OPERATOR_SELECTOR = 'app.kubernetes.io/component=operator';

const CHART = 'helm/rehome-operator';
const LOAD_MS = 300_000;

let loaded: Promise<void> | undefined;

/** Loads the archives of the settings, once in this process. */
function loadImages(): Promise<void> {
  loaded ??= (async () => {
    const { archives, load } = readSettings();
    for (const archive of archives)
      await mustRun('bash', ['-c', load.replaceAll('{}', archive)], { timeoutMs: LOAD_MS });
  })();
  return loaded;
}

/** Installs the operator for all namespaces, if it is not there as it should be, and waits until one leads. */
export async function installOperator(): Promise<void> {
  await loadImages();
  const { repository, tag } = imageParts(readSettings().image);
  await helm(
    ...['upgrade', '--install', OPERATOR_RELEASE, CHART, '-n', OPERATOR_NAMESPACE, '--create-namespace'],
    // CRDs that an earlier release left behind are taken over.
    '--take-ownership',
    ...['--set-json', `image=${JSON.stringify({ repository, tag })}`],
  );
  await kubectl(
    ...[
      'rollout',
      'status',
      'deployment',
      '-n',
      OPERATOR_NAMESPACE,
      '-l',
      OPERATOR_SELECTOR,
      '--timeout=55s',
    ],
  );
}

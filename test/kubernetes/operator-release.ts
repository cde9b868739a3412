import { helm, kubectlWith } from './kubectl.ts';
import { imageParts, readSettings } from './settings.ts';

/** The one operator of all suites. */
export const OPERATOR_NAMESPACE = 'rehome-e2e-operator';
export const OPERATOR_RELEASE = 'rehome';
export const OPERATOR_SELECTOR = 'app.kubernetes.io/component=operator';

const CHART = 'helm/rehome-operator';
/** The image may have to be pulled. */
const READY_WITHIN_SECONDS = 120;

/** Installs the operator for all namespaces, if it is not there as it should be, and waits until one leads. */
export async function installOperator(): Promise<void> {
  const { repository, tag } = imageParts(readSettings().image);
  await helm(
    ...['upgrade', '--install', OPERATOR_RELEASE, CHART, '-n', OPERATOR_NAMESPACE, '--create-namespace'],
    // CRDs that an earlier release left behind are taken over.
    '--take-ownership',
    ...['--set-json', `image=${JSON.stringify({ repository, tag })}`],
  );
  const deployments = ['deployment', '-n', OPERATOR_NAMESPACE, '-l', OPERATOR_SELECTOR];
  const rollout = ['rollout', 'status', ...deployments, `--timeout=${READY_WITHIN_SECONDS}s`];
  await kubectlWith({ timeoutMs: 2 * READY_WITHIN_SECONDS * 1000 }, ...rollout);
}

import { helm, kubectl } from './kubectl.ts';
import { imageParts, readSettings } from './settings.ts';

/** The one operator of all suites. */
export const OPERATOR_NAMESPACE = 'rehome-e2e-operator';
export const OPERATOR_RELEASE = 'rehome';
export const OPERATOR_SELECTOR = 'app.kubernetes.io/component=operator';

const CHART = 'helm/rehome-operator';
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
  await kubectl('rollout', 'status', ...deployments, '--timeout=55s');
}

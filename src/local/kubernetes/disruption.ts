import { KubeError } from '../../kube/api.ts';
import type { Pod, PodDisruptionBudget } from '../../kube/objects.ts';

/** The budgets that a pod counts in. */
export function budgetsOf(pod: Pod, budgets: readonly PodDisruptionBudget[]): PodDisruptionBudget[] {
  return budgets.filter((budget) => covers(budget, pod));
}

function covers(budget: PodDisruptionBudget, pod: Pod): boolean {
  if (budget.metadata.namespace !== pod.metadata.namespace) return false;
  const labels = pod.metadata.labels ?? {};
  return Object.entries(budget.spec.selector.matchLabels).every(([key, value]) => labels[key] === value);
}

/** Status of a budget over the pods there are. */
export function budgetStatus(
  budget: PodDisruptionBudget,
  pods: readonly Pod[],
): NonNullable<PodDisruptionBudget['status']> {
  const counted = pods.filter((pod) => covers(budget, pod));
  const currentHealthy = counted.filter(isHealthy).length;
  const desiredHealthy = budget.spec.minAvailable ?? 0;
  return {
    observedGeneration: budget.metadata.generation ?? 0,
    disruptionsAllowed: Math.max(0, currentHealthy - desiredHealthy),
    currentHealthy,
    desiredHealthy,
    expectedPods: counted.length,
  };
}

function isHealthy(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp === undefined && isReady(pod);
}

function isReady(pod: Pod): boolean {
  return pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}

/** Throws `TooManyRequests` while a budget forbids to evict the pod. */
export function checkEviction(pod: Pod, pods: readonly Pod[], budgets: readonly PodDisruptionBudget[]): void {
  const phase = pod.status?.phase ?? 'Pending';
  if (phase !== 'Running' || pod.metadata.deletionTimestamp !== undefined) return;
  const [budget, ...more] = budgetsOf(pod, budgets);
  if (budget === undefined) return;
  if (more.length > 0)
    throw new KubeError(500, 'InternalError', 'This pod has more than one PodDisruptionBudget');
  const { disruptionsAllowed, currentHealthy, desiredHealthy } = budgetStatus(budget, pods);
  if (disruptionsAllowed > 0) return;
  if (!isReady(pod) && mayGoUnhealthy(budget, currentHealthy, desiredHealthy)) return;
  throw new KubeError(
    429,
    'TooManyRequests',
    `Cannot evict pod as it would violate the pod's disruption budget. The disruption budget ${budget.metadata.name} ` +
      `needs ${String(desiredHealthy)} healthy pods and has ${String(currentHealthy)} currently`,
  );
}

// KEP-3017: unhealthy pods never count as available, so that evicting one takes nothing from a budget that is met.
function mayGoUnhealthy(
  budget: PodDisruptionBudget,
  currentHealthy: number,
  desiredHealthy: number,
): boolean {
  return (
    budget.spec.unhealthyPodEvictionPolicy === 'AlwaysAllow' ||
    (currentHealthy >= desiredHealthy && desiredHealthy > 0)
  );
}

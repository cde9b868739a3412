import type { KubeError } from '../../kube/api.ts';

/** An error as the API writes it (metav1.Status). */
export function statusOf(error: KubeError): Record<string, unknown> {
  const { code, reason, message } = error;
  return { apiVersion: 'v1', kind: 'Status', metadata: {}, status: 'Failure', message, reason, code };
}

import { containerPort } from '../kube/container-port.ts';
import { PODS } from '../kube/kinds.ts';
import type { Pod } from '../kube/objects.ts';
import { LABELS } from '../api/annotations.ts';
import { HTTP_PORT, PORT_NAMES } from '../api/pod-ports.ts';
import type { ConsoleContext } from './console-context.ts';

/** Where the proxies of a running cluster serve HTTP, by the pods' names. Throws NoClusterError; rejects with KubeError. */
export async function podUrls(context: ConsoleContext): Promise<string[]> {
  const { items } = await context.connect().api.list(PODS, {});
  return items
    .filter(({ metadata, status }) => isProxy(metadata) && status?.podIP !== undefined)
    .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
    .map((pod) => `http://${pod.status?.podIP ?? ''}:${containerPort(pod, PORT_NAMES.http, HTTP_PORT)}`);
}

function isProxy({ labels }: Pod['metadata']): boolean {
  return labels?.[LABELS.cluster.key] !== undefined;
}

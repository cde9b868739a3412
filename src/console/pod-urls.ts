import { PODS } from '../kube/kinds.ts';
import type { Pod } from '../kube/objects.ts';
import { LABELS } from '../api/annotations.ts';
import type { ConsoleContext } from './console-context.ts';

const HTTP_PORT_NAME = 'http';
const HTTP_PORT = 9090;

/** Where the proxies of a running cluster serve HTTP, by the pods' names. Throws NoClusterError; rejects with KubeError. */
export async function podUrls(context: ConsoleContext): Promise<string[]> {
  const { items } = await context.connect().api.list(PODS, {});
  return items
    .filter(({ metadata, status }) => isProxy(metadata) && status?.podIP !== undefined)
    .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
    .map((pod) => `http://${pod.status?.podIP ?? ''}:${httpPort(pod)}`);
}

function isProxy({ labels }: Pod['metadata']): boolean {
  return labels?.[LABELS.cluster.key] !== undefined;
}

function httpPort({ spec }: Pod): number {
  const ports = spec.containers.flatMap((container) => container.ports ?? []);
  return ports.find(({ name }) => name === HTTP_PORT_NAME)?.containerPort ?? HTTP_PORT;
}

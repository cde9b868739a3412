import type { Pod } from './objects.ts';

/** The port of that name in a pod's containers; `usual` if none has it. */
export function containerPort({ spec }: Pick<Pod, 'spec'>, name: string, usual: number): number {
  const ports = spec.containers.flatMap((container) => container.ports ?? []);
  return ports.find((port) => port.name === name)?.containerPort ?? usual;
}

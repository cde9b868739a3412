import type { Container, Pod } from '../../kube/objects.ts';
import { expand } from './environment.ts';
import { rewriteMountPaths, type Mount } from './mount-paths.ts';

const PROGRAM = 'rehome';

/** Why this kubelet cannot run a pod at all; undefined if it can. */
export function refusalOf({ spec }: Pod): string | undefined {
  const [container, ...others] = spec.containers;
  if (container === undefined || others.length > 0)
    return `rehome local runs pods of one container, and this one has ${spec.containers.length}`;
  const [program] = container.command ?? [];
  if (program === PROGRAM) return undefined;
  const named = program === undefined ? 'the command of an image' : `the command ${program}`;
  return `rehome local runs the command ${PROGRAM} only, not ${named}`;
}

/** What follows the program's name on its command line. */
export function argumentsOf(
  { command = [], args = [] }: Container,
  env: Readonly<Record<string, string>>,
  mounts: readonly Mount[],
): string[] {
  return [...command.slice(1), ...args].map((each) => rewriteMountPaths(expand(each, env), mounts));
}

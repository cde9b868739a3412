import { ANNOTATIONS } from '../../api/annotations.ts';
import { KubeError, type KubeApi } from '../../kube/api.ts';
import { NODES, PODS } from '../../kube/kinds.ts';
import type { ConsoleContext } from '../console-context.ts';
import { NAMESPACE_OPTION, runKubeCommand } from '../kube-command.ts';
import { annotationPatch } from '../resources/annotation-patch.ts';
import { readResource } from '../resources/resource-arguments.ts';
import { UsageError } from '../usage-error.ts';

const USAGE = `rehome cordon NODE|POD: no new pods on a node, no new calls on a pod; live calls move to other pods
rehome uncordon NODE|POD: takes that back

NODE and POD are names; write node/NAME or pod/NAME if both exist.

  --reason TEXT     why, for status and Events; for a pod only
  -n NAMESPACE      the pod's namespace; default if left out
  --help            this text
`;

const OPTIONS = {
  reason: { type: 'string', default: 'rehome cordon' },
  namespace: NAMESPACE_OPTION,
} as const;

/** What is cordoned. */
type Place = { kind: 'node'; name: string } | { kind: 'pod'; name: string; namespace: string };

/** Runs `rehome cordon`. */
export function runCordon(argv: string[], context: ConsoleContext): Promise<number> {
  return setCordon(argv, context, true);
}

/** Runs `rehome uncordon`. */
export function runUncordon(argv: string[], context: ConsoleContext): Promise<number> {
  return setCordon(argv, context, false);
}

function setCordon(argv: string[], context: ConsoleContext, wanted: boolean): Promise<number> {
  return runKubeCommand(
    {
      usage: USAGE,
      options: OPTIONS,
      run: async ({ values, positionals }) => {
        if (positionals.length === 0) throw new UsageError('NODE or POD is missing');
        const { api } = context.connect();
        const place = await findPlace(api, positionals, values.namespace);
        const changed =
          place.kind === 'node'
            ? await cordonNode(api, place.name, wanted)
            : await cordonPod(api, place, wanted ? values.reason : undefined);
        const word = wanted ? 'cordoned' : 'uncordoned';
        context.stdout.write(`${place.kind}/${place.name} ${changed ? '' : 'already '}${word}\n`);
        return 0;
      },
    },
    argv,
    context,
  );
}

/** A bare name is a node's, else a pod's. */
async function findPlace(api: KubeApi, words: readonly string[], namespace: string): Promise<Place> {
  const [name = '', ...more] = words;
  if (more.length === 0 && !name.includes('/')) {
    const nodes = await api.list(NODES, {});
    const isNode = nodes.items.some(({ metadata }) => metadata.name === name);
    return isNode ? { kind: 'node', name } : { kind: 'pod', name, namespace };
  }
  const { resource } = readResource(words);
  if (resource.kind === NODES) return { kind: 'node', name: resource.name };
  if (resource.kind === PODS) return { kind: 'pod', name: resource.name, namespace };
  throw new UsageError(`a node or a pod can be cordoned, not a ${resource.kind.kind}`);
}

/** Makes a node take no new pods, or take them again; false if it was so already. Rejects with KubeError. */
export async function cordonNode(api: KubeApi, name: string, wanted: boolean): Promise<boolean> {
  const ref = { namespace: '', name };
  const { spec } = await api.get(NODES, ref);
  if ((spec.unschedulable === true) === wanted) return false;
  await api.patch(NODES, ref, [
    wanted
      ? { op: 'add', path: '/spec/unschedulable', value: true }
      : { op: 'remove', path: '/spec/unschedulable' },
  ]);
  return true;
}

async function cordonPod(
  api: KubeApi,
  { name, namespace }: { name: string; namespace: string },
  reason: string | undefined,
): Promise<boolean> {
  const ref = { namespace, name };
  const pod = await api.get(PODS, ref).catch((error: unknown) => {
    if (error instanceof KubeError && error.reason === 'NotFound')
      throw new KubeError(error.code, error.reason, `there is no node and no pod "${name}"`);
    throw error;
  });
  const { key } = ANNOTATIONS.cordon;
  const isCordoned = pod.metadata.annotations?.[key] !== undefined;
  if (isCordoned === (reason !== undefined)) return false;
  await api.patch(PODS, ref, annotationPatch(pod, new Map([[key, reason]])));
  return true;
}

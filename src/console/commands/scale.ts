import { SIP_CLUSTERS } from '../../kube/kinds.ts';
import { qualifiedName } from '../../local/cluster/manifest.ts';
import type { ConsoleContext } from '../console-context.ts';
import { NAMESPACE_OPTION, runKubeCommand } from '../kube-command.ts';
import { readResource } from '../resources/resource-arguments.ts';
import { UsageError } from '../usage-error.ts';

const USAGE = `rehome scale sipcluster/NAME --replicas N: how many pods a cluster has

  --replicas N      pods from now on
  -n NAMESPACE      another namespace than default
  --help            this text
`;

const OPTIONS = { replicas: { type: 'string' }, namespace: NAMESPACE_OPTION } as const;

/** Runs `rehome scale`. */
export function runScale(argv: string[], context: ConsoleContext): Promise<number> {
  return runKubeCommand(
    {
      usage: USAGE,
      options: OPTIONS,
      run: async ({ values, positionals }) => {
        const { replicas = '', namespace } = values;
        if (!/^\d{1,4}$/.test(replicas)) throw new UsageError('--replicas N is missing or no number');
        const { kind, name } = readResource(positionals).resource;
        if (kind !== SIP_CLUSTERS) throw new UsageError(`a sipcluster can be scaled, not a ${kind.kind}`);
        const operation = { op: 'add', path: '/spec/replicas', value: Number(replicas) } as const;
        await context.connect().api.patch(SIP_CLUSTERS, { namespace, name }, [operation]);
        context.stdout.write(`${qualifiedName(kind, name)} scaled\n`);
        return 0;
      },
    },
    argv,
    context,
  );
}

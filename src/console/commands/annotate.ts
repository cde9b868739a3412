import { qualifiedName } from '../../local/cluster/manifest.ts';
import type { ConsoleContext } from '../console-context.ts';
import { NAMESPACE_OPTION, runKubeCommand } from '../kube-command.ts';
import { annotationPatch } from '../resources/annotation-patch.ts';
import { getResource, readResource, refTo } from '../resources/resource-arguments.ts';
import { UsageError } from '../usage-error.ts';

const USAGE = `rehome annotate KIND NAME KEY=VALUE... [KEY-...]: sets annotations, or takes them away

  -n NAMESPACE      another namespace than default
  --help            this text

docs/reference/reasons.md lists those that Rehome acts on.
`;

/** Runs `rehome annotate`. */
export function runAnnotate(argv: string[], context: ConsoleContext): Promise<number> {
  return runKubeCommand(
    {
      usage: USAGE,
      options: { namespace: NAMESPACE_OPTION },
      run: async ({ values, positionals }) => {
        const { resource, rest } = readResource(positionals);
        const changes = new Map(rest.map(readChange));
        if (changes.size === 0) throw new UsageError('KEY=VALUE or KEY- is missing');
        const { api } = context.connect();
        const object = await getResource(api, resource, values.namespace);
        const operations = annotationPatch(object, changes);
        await api.patch(resource.kind, refTo(resource, values.namespace), operations);
        context.stdout.write(`${qualifiedName(resource.kind, resource.name)} annotated\n`);
        return 0;
      },
    },
    argv,
    context,
  );
}

function readChange(word: string): [string, string | undefined] {
  const equals = word.indexOf('=');
  if (equals > 0) return [word.slice(0, equals), word.slice(equals + 1)];
  if (equals < 0 && word.length > 1 && word.endsWith('-')) return [word.slice(0, -1), undefined];
  throw new UsageError(`neither KEY=VALUE nor KEY-: ${word}`);
}

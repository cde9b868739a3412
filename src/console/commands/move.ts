import { ANNOTATIONS } from '../../api/annotations.ts';
import { DIALOG_SHARDS, PODS } from '../../kube/kinds.ts';
import type { ConsoleContext } from '../console-context.ts';
import { NAMESPACE_OPTION, runKubeCommand } from '../kube-command.ts';
import { annotationPatch } from '../resources/annotation-patch.ts';
import { UsageError } from '../usage-error.ts';

const USAGE = `rehome move SHARD POD: moves the calls of a DialogShard to a pod

"rehome get dialogshard SHARD -w" shows how it goes.

  -n NAMESPACE      another namespace than default
  --help            this text
`;

/** Runs `rehome move`. */
export function runMove(argv: string[], context: ConsoleContext): Promise<number> {
  return runKubeCommand(
    {
      usage: USAGE,
      options: { namespace: NAMESPACE_OPTION },
      run: async ({ values, positionals }) => {
        const [shardWord = '', podWord = '', ...more] = positionals;
        if (podWord === '' || more.length > 0) throw new UsageError('SHARD and POD are to be named');
        const { namespace } = values;
        const [name, pod] = [bare(shardWord), bare(podWord)];
        const { api } = context.connect();
        const shard = await api.get(DIALOG_SHARDS, { namespace, name });
        // A slip of the finger would be an order that nobody can carry out.
        await api.get(PODS, { namespace, name: pod });
        const operations = annotationPatch(shard, new Map([[ANNOTATIONS.moveTo.key, pod]]));
        await api.patch(DIALOG_SHARDS, { namespace, name }, operations);
        context.stdout.write(`dialogshard.sip.rehome.dev/${name} is to move to pod/${pod}\n`);
        return 0;
      },
    },
    argv,
    context,
  );
}

/** The name of `KIND/NAME`. */
function bare(word: string): string {
  return word.slice(word.indexOf('/') + 1);
}

import type { ConsoleContext, ProcessSignal } from '../console-context.ts';
import { NAMESPACE_OPTION, runKubeCommand } from '../kube-command.ts';
import { UsageError } from '../usage-error.ts';

const COMMON = `
  -n NAMESPACE      another namespace than default
  --help            this text
`;

interface SignalCommand {
  usage: string;
  signal: ProcessSignal;
  done: string;
}

const KILL: SignalCommand = {
  usage: `rehome kill POD: kills a pod's process at once (kill -9); the pod is not told\n${COMMON}`,
  signal: 'SIGKILL',
  done: 'killed',
};
const PAUSE: SignalCommand = {
  usage: `rehome pause POD: stops a pod's process (SIGSTOP), as if its machine hung\n${COMMON}`,
  signal: 'SIGSTOP',
  done: 'paused',
};
const RESUME: SignalCommand = {
  usage: `rehome resume POD: lets a paused pod's process go on (SIGCONT)\n${COMMON}`,
  signal: 'SIGCONT',
  done: 'resumed',
};

/** Runs `rehome kill`. */
export function runKill(argv: string[], context: ConsoleContext): Promise<number> {
  return send(KILL, argv, context);
}

/** Runs `rehome pause`. */
export function runPause(argv: string[], context: ConsoleContext): Promise<number> {
  return send(PAUSE, argv, context);
}

/** Runs `rehome resume`. */
export function runResume(argv: string[], context: ConsoleContext): Promise<number> {
  return send(RESUME, argv, context);
}

function send(
  { usage, signal, done }: SignalCommand,
  argv: string[],
  context: ConsoleContext,
): Promise<number> {
  return runKubeCommand(
    {
      usage,
      options: { namespace: NAMESPACE_OPTION },
      run: async ({ values, positionals }) => {
        if (positionals.length === 0) throw new UsageError('POD is missing');
        const session = context.connect();
        for (const word of positionals) {
          const name = word.replace(/^(?:pod|po|pods)\//, '');
          const pid = await session.signal({ namespace: values.namespace, name }, signal);
          context.stdout.write(`pod/${name} ${done} (process ${pid})\n`);
        }
        return 0;
      },
    },
    argv,
    context,
  );
}

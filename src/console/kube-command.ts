import { parseArgs, type ParseArgsConfig } from 'node:util';
import { KubeError } from '../kube/api.ts';
import { KubeconfigError } from '../kube/credentials/kubeconfig.ts';
import type { AccessOptions } from '../kube/credentials/find-access.ts';
import { ManifestError } from '../local/cluster/manifest.ts';
import { NoClusterError, type ConsoleContext, type Session } from './console-context.ts';
import { EXIT_FAILED, EXIT_USAGE } from './output.ts';
import { UsageError } from './usage-error.ts';

type Options = NonNullable<ParseArgsConfig['options']>;

/** Option of commands that speak of objects in one namespace; '' for that of the cluster's context. */
export const NAMESPACE_OPTION = { type: 'string', short: 'n', default: '' } as const;
/** Which cluster, as kubectl has them. */
const ACCESS_OPTIONS = { kubeconfig: { type: 'string' }, context: { type: 'string' } } as const;
const ACCESS_USAGE = `
Which cluster: --kubeconfig FILE and --context NAME as kubectl has them; without them the rehome local that runs here, else that of
KUBECONFIG, of this pod's ServiceAccount or of ~/.kube/config.
`;
const HELP_OPTION = { type: 'boolean', short: 'h', default: false } as const;

type Parsed<O extends Options> = ReturnType<
  typeof parseArgs<{ args: string[]; options: O; allowPositionals: true }>
>;

/** A command: how its command line reads, and what it does. */
export interface KubeCommand<O extends Options> {
  usage: string;
  options: O;
  /** Resolves to the exit code. Rejects with UsageError if the command line is wrong. */
  readonly run: (given: Parsed<O>, context: ConsoleContext) => Promise<number>;
}

/** Runs a command; resolves to its exit code: 1 if it could not be done, 2 if the command line is wrong. */
export async function runKubeCommand<O extends Options>(
  { usage: own, options, run }: KubeCommand<O>,
  argv: string[],
  context: ConsoleContext,
): Promise<number> {
  const usage = own + ACCESS_USAGE;
  const parsed = parse(argv, options);
  if (typeof parsed === 'string') return refuse(context, parsed, usage);
  if ((parsed.values as { help?: boolean }).help === true) {
    context.stdout.write(usage);
    return 0;
  }
  try {
    return await run(...inCluster(parsed, context));
  } catch (error) {
    if (error instanceof UsageError) return refuse(context, error.message, usage);
    context.stderr.write(`${failureLine(error)}\n`);
    return EXIT_FAILED;
  }
}

/** The command line and the context of a command, with the cluster and its namespace as the options name them. */
function inCluster<O extends Options>(
  parsed: Parsed<O>,
  context: ConsoleContext,
): [given: Parsed<O>, context: ConsoleContext] {
  const { kubeconfig, context: name, namespace } = parsed.values as AccessOptions & { namespace?: string };
  let session: Session | undefined;
  const connect = (): Session => (session ??= context.connect({ kubeconfig, context: name }));
  if (namespace !== '') return [parsed, { ...context, connect }];
  const values = {
    ...parsed.values,
    // Only when it is asked for: a wrong command line is said whether or not there is a cluster.
    get namespace(): string {
      return connect().namespace ?? 'default';
    },
  };
  return [
    { ...parsed, values },
    { ...context, connect },
  ];
}

function parse<O extends Options>(argv: string[], options: O): Parsed<O> | string {
  try {
    return parseArgs({
      args: argv,
      options: { ...options, ...ACCESS_OPTIONS, help: HELP_OPTION },
      allowPositionals: true,
    });
  } catch (error) {
    // Node goes on with how to pass what looks like an option, which nobody meant.
    return String(error instanceof Error ? error.message : error).replace(
      /\. To specify a positional.*/s,
      '',
    );
  }
}

function refuse({ stderr }: ConsoleContext, problem: string, usage: string): number {
  stderr.write(`${problem}\n\n${usage}`);
  return EXIT_USAGE;
}

/** One line for the person. Throws what is no failure of the cluster or of a file. */
export function failureLine(error: unknown): string {
  if (error instanceof KubeError) return serverError(error);
  if (error instanceof NoClusterError || error instanceof ManifestError || error instanceof KubeconfigError)
    return `error: ${error.message}`;
  throw error;
}

/** A refusal in kubectl's words. */
export function serverError({ reason, message }: KubeError): string {
  return reason === 'Unreachable'
    ? `error: the API server does not answer: ${message}`
    : `Error from server (${reason}): ${message}`;
}

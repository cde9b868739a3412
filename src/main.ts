import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { didYouMean } from './api/did-you-mean.ts';
import type { Parsed, Problem } from './api/problem.ts';
import { parseProxyConfig, type MeshKey, type ProxyConfig } from './api/proxy-config.ts';
import { expandEnvironment, podEnvironment } from './api/proxy-config-environment.ts';
import { keyFileOf, parseKeyFile, type KeySection } from './api/proxy-config-keys.ts';
import type { PodCommand } from './console/command.ts';
import type { ConsoleContext } from './console/console-context.ts';
import { failureText } from './runtime/failure-text.ts';
import { loadDocument, loadText } from './runtime/load-config.ts';
import { untilToldToStop } from './runtime/told-to-stop.ts';

const USAGE = `rehome keeps live SIP calls alive when the server that carries them goes away

Programs:
  rehome proxy --config FILE   run a SIP proxy
  rehome operator              make and move the pods of SipClusters
  rehome local -f FILE         run Kubernetes on this machine, with pods as processes and an operator
  rehome phones                callers and callees for tests of a cluster
  rehome demo                  watch live calls outlive a kill -9
  rehome --version             the version

What is in a cluster, the rehome local that runs here or else the one that kubectl speaks to:
  rehome get KIND [NAME]       sipclusters, dialogshards, pods, nodes, events and more; -w to watch
  rehome describe KIND NAME    one object with its conditions and Events
  rehome status                what pods say of themselves and their sharing tags
  rehome calls                 the calls of pods, their legs, owner and home
  rehome logs POD              what a pod wrote

What would be done, without a cluster:
  rehome plan -f FILE          what the operator would do, and why
  rehome crds                  the CustomResourceDefinitions, for kubectl apply

What changes it:
  rehome apply -f FILE         make or change what a file describes
  rehome delete KIND NAME      delete it
  rehome scale KIND/NAME       change how many pods a cluster has
  rehome cordon NODE|POD       move its calls away; uncordon takes it back
  rehome drain NODE            cordon a node and evict its pods
  rehome move SHARD POD        move the calls of a sharing tag to a pod
  rehome annotate KIND NAME    set or take away annotations
  rehome kill POD              kill -9 of its process; pause and resume stop it and let it go on

"rehome COMMAND --help" says more.
`;

const PROXY_USAGE = `rehome proxy --config FILE [--check]

  --config FILE   settings as YAML or JSON (docs/reference/settings.md)
  --check         only check the settings
  --help          this text

The exit code is 0 after SIGTERM or SIGINT, 2 if the settings have problems, 1 if the proxy cannot run.
`;

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

type Command = (argv: string[]) => Promise<number>;

const COMMANDS: Readonly<Record<string, Command>> = {
  proxy: heeding(() => Promise.resolve(proxy)),
  operator: heeding(async () => (await import('./operator/main.ts')).runOperator),
  local: async (argv) => (await import('./local/cluster/run-local.ts')).runLocal(argv),
  phones: heeding(async () => (await import('./local/phones-program/main.ts')).runPhones),
  plan: async (argv) => (await import('./console/plan.ts')).runPlan(argv, process, Date.now()),
  crds: async (argv) => (await import('./console/crds.ts')).runCrds(argv, process),
  demo: async (argv) => (await import('./local/demo.ts')).runDemo(argv),
  status: async (argv) => (await import('./console/status.ts')).runStatus(argv, await podCommand()),
  calls: async (argv) => (await import('./console/calls.ts')).runCalls(argv, await podCommand()),
  get: inCluster(async () => (await import('./console/commands/get.ts')).runGet),
  apply: inCluster(async () => (await import('./console/commands/apply.ts')).runApply),
  delete: inCluster(async () => (await import('./console/commands/delete.ts')).runDelete),
  cordon: inCluster(async () => (await import('./console/commands/cordon.ts')).runCordon),
  uncordon: inCluster(async () => (await import('./console/commands/cordon.ts')).runUncordon),
  drain: inCluster(async () => (await import('./console/commands/drain.ts')).runDrain),
  scale: inCluster(async () => (await import('./console/commands/scale.ts')).runScale),
  annotate: inCluster(async () => (await import('./console/commands/annotate.ts')).runAnnotate),
  move: inCluster(async () => (await import('./console/commands/move.ts')).runMove),
  kill: inCluster(async () => (await import('./console/commands/signal.ts')).runKill),
  pause: inCluster(async () => (await import('./console/commands/signal.ts')).runPause),
  resume: inCluster(async () => (await import('./console/commands/signal.ts')).runResume),
  logs: inCluster(async () => (await import('./console/commands/logs.ts')).runLogs),
  describe: inCluster(async () => (await import('./console/commands/describe.ts')).runDescribe),
};

/** A program that is told to stop: heard from now on, though loading it takes a moment. */
function heeding(load: () => Promise<Command>): Command {
  return async (argv) => {
    void untilToldToStop();
    const run = await load();
    return run(argv);
  };
}

/** A command that speaks to a cluster. */
function inCluster(
  load: () => Promise<(argv: string[], context: ConsoleContext) => Promise<number>>,
): Command {
  return async (argv) => {
    const [run, { localContext }] = await Promise.all([load(), import('./console/local-session.ts')]);
    return run(argv, localContext());
  };
}

/** For commands that ask pods: all of the cluster, if the command line names none. */
async function podCommand(): Promise<PodCommand> {
  const { localContext } = await import('./console/local-session.ts');
  const { podUrls } = await import('./console/pod-urls.ts');
  const context = localContext();
  return { ...context, findPods: () => podUrls(context) };
}

async function main(argv: string[]): Promise<number> {
  const [first = '', ...rest] = argv;
  if (first === '--help' || first === '-h' || first === 'help') return print(USAGE);
  if (first === '--version' || first === '-v') return print(`${version()}\n`);
  const command = Object.hasOwn(COMMANDS, first) ? COMMANDS[first] : undefined;
  if (command !== undefined) return command(rest);
  return refuse(first === '' ? USAGE : `${unknownCommand(first)}\n\n${USAGE}`);
}

function unknownCommand(name: string): string {
  const near = didYouMean(name, Object.keys(COMMANDS));
  return `rehome: no such command: ${name}${near === undefined ? '' : `; did you mean ${near}?`}`;
}

async function proxy(argv: string[]): Promise<number> {
  const options = proxyOptions(argv);
  if (typeof options === 'string') return refuse(`rehome proxy: ${options}\n\n${PROXY_USAGE}`);
  if (options.help) return print(PROXY_USAGE);
  const { config: file = '' } = options;
  const parsed = readConfig(file);
  if (!parsed.ok) return refuse(problemsText(file, parsed.problems));
  if (options.check) return print(`${file}: no problems\n`);
  const { runProxy } = await import('./proxy/main.ts');
  await runProxy(parsed.value);
  return 0;
}

/** The config of a file, with the keys of its key file in it; the problems of both files at once. */
function readConfig(file: string): Parsed<ProxyConfig> {
  const loaded = loadDocument(file);
  if (!loaded.ok) return loaded;
  const { document, problems: unknown } = expandEnvironment(loaded.value, podEnvironment(process.env));
  const parsed = parseProxyConfig(document);
  const mesh = readKeyFile(document, 'mesh') ?? { ok: true, value: undefined };
  const tokens = readKeyFile(document, 'tokens') ?? { ok: true, value: undefined };
  if (parsed.ok && mesh.ok && tokens.ok && unknown.length === 0)
    return { ok: true, value: withKeys(parsed.value, mesh.value, tokens.value) };
  const others = [parsed, mesh, tokens].flatMap((each) => (each.ok ? [] : each.problems));
  // What else is wrong with a text that names an unknown variable is not worth telling.
  const elsewhere = others.filter(({ path }) => !unknown.some((each) => each.path === path));
  return { ok: false, problems: [...unknown, ...elsewhere] };
}

/** The config with the keys of its key files. */
function withKeys(config: ProxyConfig, mesh?: readonly MeshKey[], tokens?: readonly MeshKey[]): ProxyConfig {
  return {
    ...config,
    mesh: { ...config.mesh, ...(mesh && { keys: mesh }) },
    tokens: { ...config.tokens, ...(tokens && { keys: tokens }) },
  };
}

/** Undefined if the section of the document names no key file. */
function readKeyFile(document: unknown, section: KeySection): Parsed<readonly MeshKey[]> | undefined {
  const keyFile = keyFileOf(document, section);
  if (keyFile === undefined) return undefined;
  const text = loadText(keyFile);
  if (text.ok) return parseKeyFile(text.value, section);
  const path = `${section}.keyFile`;
  return { ok: false, problems: text.problems.map((problem) => ({ ...problem, path })) };
}

interface ProxyOptions {
  config?: string | undefined;
  check: boolean;
  help: boolean;
}

function proxyOptions(argv: string[]): ProxyOptions | string {
  try {
    const { values } = parseArgs({
      args: argv,
      options: {
        config: { type: 'string', short: 'c' },
        check: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    return values.help || values.config !== undefined ? values : '--config FILE is missing';
  } catch (error) {
    return failureText(error);
  }
}

function problemsText(file: string, problems: readonly Problem[]): string {
  const lines = problems.map(
    ({ path, code, message }) => `  ${path === '' ? '' : `${path}: `}${message} [${code}]`,
  );
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return `${file}: ${count}\n${lines.join('\n')}\n`;
}

function version(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

function refuse(text: string): number {
  process.stderr.write(text);
  return EXIT_USAGE;
}

// Whoever reads the output may go away; the calls of a proxy go on.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

try {
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`rehome: ${failureText(error)}\n`);
  process.exit(EXIT_FAILED);
}

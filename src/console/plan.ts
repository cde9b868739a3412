import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Problem } from '../api/problem.ts';
import { ManifestError, readManifest } from '../local/cluster/manifest.ts';
import { observeFiles, parseWorld, type WrittenWorld } from '../local/cluster/observe-files.ts';
import type { Observed } from '../reconcile/observed.ts';
import { plan } from '../reconcile/plan.ts';
import type { Plan, Step } from '../reconcile/plan-type.ts';
import { EXIT_FAILED, EXIT_USAGE, type ConsoleOutput } from './output.ts';
import { table } from './table.ts';
import { UsageError } from './usage-error.ts';

const USAGE = `rehome plan -f FILE [-f FILE] [--observed FILE] [-o json]: what the operator would do, and why

  -f FILE           SipClusters and DialogShards as they are wanted, YAML or JSON, "-" for standard input; may be repeated
  --observed FILE   the world as it is: objects as "rehome get ... -o yaml" prints them, and "reports" of pods if wanted;
                    may be repeated; an empty world if left out
  -o json           the steps with everything that they hold
  --help            this text

Nothing is changed. The exit code is 0, 1 if a file cannot be read, 2 if the command line or a spec is wrong.
`;

interface PlanOptions {
  files: readonly string[];
  observed: readonly string[];
  json: boolean;
}

/** A cluster, what is wrong with its spec, and what would be done. */
interface ClusterPlan extends Plan {
  cluster: string;
  problems: Problem[];
}

/** Runs `rehome plan` at that time; returns the exit code. */
export function runPlan(argv: string[], output: ConsoleOutput, nowMs: number): number {
  try {
    const options = readOptions(argv);
    if (options === undefined) {
      output.stdout.write(USAGE);
      return 0;
    }
    return printPlans(options, output, nowMs);
  } catch (error) {
    if (error instanceof UsageError) output.stderr.write(`${error.message}\n\n${USAGE}`);
    else if (error instanceof ManifestError) output.stderr.write(`error: ${error.message}\n`);
    else throw error;
    return error instanceof UsageError ? EXIT_USAGE : EXIT_FAILED;
  }
}

/** Undefined for --help. Throws UsageError. */
function readOptions(argv: string[]): PlanOptions | undefined {
  const { filename = [], observed = [], output, help } = parsed(argv);
  if (help) return undefined;
  if (filename.length === 0) throw new UsageError('-f FILE is missing');
  if (output !== 'text' && output !== 'json') throw new UsageError(`-o is json, not ${output}`);
  return { files: filename, observed, json: output === 'json' };
}

interface Given {
  filename?: string[];
  observed?: string[];
  output: string;
  help: boolean;
}

function parsed(argv: string[]): Given {
  try {
    const { values } = parseArgs({
      args: argv,
      options: {
        filename: { type: 'string', short: 'f', multiple: true },
        observed: { type: 'string', multiple: true },
        output: { type: 'string', short: 'o', default: 'text' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    return values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function printPlans(
  { files, observed, json }: PlanOptions,
  { stdout, stderr }: ConsoleOutput,
  nowMs: number,
): number {
  const worlds = observed.map(readWorld);
  const present = {
    objects: worlds.flatMap((world) => world.objects),
    reports: worlds.flatMap((world) => world.reports),
  };
  const wanted = observeFiles(files.flatMap(readManifest), present);
  if (wanted.length === 0) throw new ManifestError(`${files.join(', ')}: there is no SipCluster`);
  const plans = wanted.map((world) => planOf(world, nowMs));
  stdout.write(
    json ? `${JSON.stringify(plans, undefined, 2)}\n` : plans.map((each) => text(each, nowMs)).join('\n'),
  );
  for (const { cluster, problems } of plans)
    for (const { path, message, code } of problems)
      stderr.write(`${cluster}: ${path}: ${message} [${code}]\n`);
  return plans.some((each) => each.problems.length > 0) ? EXIT_USAGE : 0;
}

function readWorld(file: string): WrittenWorld {
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ManifestError(error instanceof Error ? error.message : String(error));
  }
  return parseWorld(content, file);
}

function planOf(observed: Observed, nowMs: number): ClusterPlan {
  const { metadata, problems } = observed.cluster;
  const shards = observed.shards.flatMap((shard) =>
    shard.problems.map((problem) => ({ ...problem, path: `${shard.metadata.name}: ${problem.path}` })),
  );
  return { cluster: metadata.name, problems: [...problems, ...shards], ...plan(observed, nowMs) };
}

function text({ cluster, steps, againAtMs }: ClusterPlan, nowMs: number): string {
  // An Event that only says what the step before it does is no news.
  const shown = steps.filter(
    (step, index) => step.type !== 'event' || steps[index - 1]?.reason !== step.reason,
  );
  const title = `SipCluster ${cluster}: ${shown.length === 0 ? 'nothing to do' : `${shown.length} steps`}\n`;
  const rows = shown.map((step, index) => [String(index + 1), ...actOf(step), step.reason]);
  const again = Number.isFinite(againAtMs)
    ? `Planned again in ${((againAtMs - nowMs) / 1000).toFixed(1)} s at the latest.\n`
    : '';
  return `${title}${table(['STEP', 'DO', 'TO', 'WHY'], rows)}${again}`;
}

/** Verb and object. */
function actOf(step: Step): [string, string] {
  switch (step.type) {
    case 'createPod':
      return ['create', `Pod ${step.name}`];
    case 'deletePod':
      return ['delete', `Pod ${step.name}`];
    case 'applyObject':
      return ['apply', `${step.object.kind} ${step.object.metadata.name}`];
    case 'createSecret':
      return ['create', `Secret ${step.name}`];
    case 'createShard':
      return ['create', `DialogShard ${step.object.metadata.name}`];
    case 'rotateKeys':
      return ['rotate', `keys of Secret ${step.name}`];
    case 'deleteObject':
      return ['delete', `${step.kind} ${step.name}`];
    case 'deleteShard':
      return ['delete', `DialogShard ${step.name}`];
    case 'sendState':
      return ['tell', `Pod ${step.pod}`];
    default:
      return writtenBy(step);
  }
}

type Writing = Extract<
  Step,
  { type: 'storeRoster' | 'clusterStatus' | 'shardStatus' | 'removeAnnotation' | 'event' }
>;

function writtenBy(step: Writing): [string, string] {
  switch (step.type) {
    case 'storeRoster':
      return ['store', `roster ${step.status.number}`];
    case 'clusterStatus':
      return ['write', 'status of the SipCluster'];
    case 'shardStatus':
      return ['write', `status of DialogShard ${step.name}`];
    case 'removeAnnotation':
      return ['remove', `annotation ${step.key} of ${step.kind} ${step.name}`];
    case 'event':
      return ['say', `Event ${step.eventReason} of ${step.about.kind} ${step.about.name}`];
  }
}

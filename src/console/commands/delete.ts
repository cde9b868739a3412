import { KubeError, type KubeApi } from '../../kube/api.ts';
import type { KubeObject } from '../../api/object-type.ts';
import { kindOfObject, qualifiedName, readManifest } from '../../local/cluster/manifest.ts';
import type { ConsoleContext } from '../console-context.ts';
import { NAMESPACE_OPTION, runKubeCommand, serverError } from '../kube-command.ts';
import { EXIT_FAILED } from '../output.ts';
import { readResources, refTo, type NamedResource } from '../resources/resource-arguments.ts';
import { UsageError } from '../usage-error.ts';
import { goneWithin, type Leaving } from './wait-gone.ts';

const USAGE = `rehome delete KIND NAME... | KIND/NAME... | -f FILE [options]: deletes, and waits until it is gone

  -f FILE           what a file describes, "-" for standard input; may be repeated
  --now             a pod gets 1 s to end
  --grace-period N  a pod gets N seconds to end; 0 only with --force
  --force           a pod is killed at once
  --wait=false      do not wait
  -n NAMESPACE      another namespace than default
  --help            this text
`;

const OPTIONS = {
  filename: { type: 'string', short: 'f', multiple: true },
  now: { type: 'boolean', default: false },
  'grace-period': { type: 'string' },
  force: { type: 'boolean', default: false },
  wait: { type: 'string', default: 'true' },
  namespace: NAMESPACE_OPTION,
} as const;

interface Target extends NamedResource {
  namespace: string;
}

interface How {
  gracePeriodSeconds?: number;
  wait: boolean;
}

/** Runs `rehome delete`. */
export function runDelete(argv: string[], context: ConsoleContext): Promise<number> {
  return runKubeCommand(
    {
      usage: USAGE,
      options: OPTIONS,
      run: async ({ values, positionals }) => {
        const how: How = { ...graceOf(values), wait: values.wait !== 'false' };
        const targets = targetsOf(values.filename ?? [], positionals, values.namespace);
        const { api } = context.connect();
        const leaving: Leaving[] = [];
        for (const target of targets) {
          const left = await deleteOne(api, target, how, context);
          if (left !== undefined) leaving.push(left);
        }
        if (how.wait) await Promise.all(leaving.map((each) => goneWithin(api, each, context)));
        return leaving.length === targets.length ? 0 : EXIT_FAILED;
      },
    },
    argv,
    context,
  );
}

function graceOf(values: {
  now: boolean;
  force: boolean;
  'grace-period'?: string | undefined;
}): Pick<How, 'gracePeriodSeconds'> {
  const { 'grace-period': given } = values;
  if (given !== undefined && !/^\d{1,6}$/.test(given))
    throw new UsageError(`--grace-period is a number of seconds, not ${given}`);
  if (values.force) return { gracePeriodSeconds: Number(given ?? 0) };
  if (given === '0') throw new UsageError('--grace-period 0 kills at once: say --force too if that is meant');
  if (values.now) return { gracePeriodSeconds: 1 };
  return given === undefined ? {} : { gracePeriodSeconds: Number(given) };
}

function targetsOf(files: readonly string[], words: readonly string[], namespace: string): Target[] {
  if (files.length > 0) return files.flatMap(readManifest).map((object) => targetOf(object, namespace));
  const { kinds, named } = readResources(words);
  if (kinds.length > 0) throw new UsageError('NAME is missing: there is no deleting all of a kind');
  return named.map((each) => ({ ...each, namespace }));
}

function targetOf(object: KubeObject, namespace: string): Target {
  const kind = kindOfObject(object);
  if (kind === undefined)
    throw new UsageError(`no matches for kind "${object.kind}" in version "${object.apiVersion}"`);
  return { kind, name: object.metadata.name, namespace: object.metadata.namespace ?? namespace };
}

/** Undefined, after a line for the person, if it could not be deleted. */
async function deleteOne(
  api: KubeApi,
  target: Target,
  { gracePeriodSeconds }: How,
  { stdout, stderr }: ConsoleContext,
): Promise<Leaving | undefined> {
  const ref = refTo(target, target.namespace);
  const options = gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds };
  try {
    const { metadata } = await api.get(target.kind, ref);
    await api.delete(target.kind, ref, options);
    const [word = '', name = ''] = qualifiedName(target.kind, target.name).split('/');
    stdout.write(`${word} "${name}"${gracePeriodSeconds === 0 ? ' force' : ''} deleted\n`);
    return { kind: target.kind, ref, uid: metadata.uid };
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    stderr.write(`${serverError(error)}\n`);
    return undefined;
  }
}

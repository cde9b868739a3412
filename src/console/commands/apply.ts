import { KubeError, type KubeApi, type ResourceKind } from '../../kube/api.ts';
import type { KubeObject } from '../../api/object-type.ts';
import {
  applyObject,
  inNamespace,
  kindOfObject,
  ManifestError,
  qualifiedName,
  readManifest,
} from '../../local/cluster/manifest.ts';
import type { ConsoleContext } from '../console-context.ts';
import { NAMESPACE_OPTION, runKubeCommand, serverError } from '../kube-command.ts';
import { EXIT_FAILED } from '../output.ts';
import { UsageError } from '../usage-error.ts';

const USAGE = `rehome apply -f FILE [-f FILE]: makes or changes what files describe

  -f FILE           YAML or JSON, "-" for standard input; may be repeated
  -n NAMESPACE      for objects that name none; default if left out
  --help            this text
`;

const OPTIONS = {
  filename: { type: 'string', short: 'f', multiple: true },
  namespace: NAMESPACE_OPTION,
} as const;

/** Runs `rehome apply`; objects that can be applied are, even if others cannot. */
export function runApply(argv: string[], context: ConsoleContext): Promise<number> {
  return runKubeCommand(
    {
      usage: USAGE,
      options: OPTIONS,
      run: async ({ values }) => {
        const { filename: files = [], namespace } = values;
        if (files.length === 0) throw new UsageError('-f FILE is missing');
        const objects = files.flatMap(readManifest);
        if (objects.length === 0) throw new ManifestError('no objects passed to apply');
        const { api } = context.connect();
        let code = 0;
        for (const object of objects)
          if (!(await applyOne(api, object, namespace, context))) code = EXIT_FAILED;
        return code;
      },
    },
    argv,
    context,
  );
}

async function applyOne(
  api: KubeApi,
  object: KubeObject,
  namespace: string,
  { stdout, stderr }: ConsoleContext,
): Promise<boolean> {
  const kind = kindOfObject(object);
  if (kind === undefined) {
    stderr.write(`error: no matches for kind "${object.kind}" in version "${object.apiVersion}"\n`);
    return false;
  }
  const outcome = await attempt(api, kind, inNamespace(object, kind, namespace));
  if (outcome instanceof KubeError) {
    stderr.write(`${serverError(outcome)}\n`);
    return false;
  }
  stdout.write(`${qualifiedName(kind, object.metadata.name)} ${outcome}\n`);
  return true;
}

async function attempt(api: KubeApi, kind: ResourceKind, object: KubeObject): Promise<string | KubeError> {
  try {
    return await applyObject(api, kind, object);
  } catch (error) {
    if (error instanceof KubeError) return error;
    throw error;
  }
}

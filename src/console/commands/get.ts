import type { KubeObject } from '../../api/object-type.ts';
import type { KubeEvent } from '../../kube/objects.ts';
import { KubeError, type KubeApi, type ResourceKind } from '../../kube/api.ts';
import { follow } from '../../local/cluster/follow.ts';
import { qualifiedName } from '../../local/cluster/manifest.ts';
import type { ConsoleContext } from '../console-context.ts';
import { NAMESPACE_OPTION, runKubeCommand, serverError } from '../kube-command.ts';
import { EXIT_FAILED } from '../output.ts';
import { objectText, type ObjectFormat } from '../resources/object-text.ts';
import { lastSeen } from '../resources/other-columns.ts';
import { getResource, readResources, type NamedResource } from '../resources/resource-arguments.ts';
import { KIND_NAMES } from '../resources/resource-kinds.ts';
import { ResourceTable, type TableOptions } from '../resources/resource-table.ts';
import { UsageError } from '../usage-error.ts';

const USAGE = `rehome get KIND[,KIND] [NAME...] | KIND/NAME... [options]: what is in the cluster

KIND is one of ${KIND_NAMES}.

  -o FORMAT         wide, name, yaml or json instead of a table
  -w, --watch       go on and print every change
  -n NAMESPACE      another namespace than default
  -A                all namespaces
  --help            this text
`;

const OPTIONS = {
  output: { type: 'string', short: 'o', default: 'table' },
  watch: { type: 'boolean', short: 'w', default: false },
  namespace: NAMESPACE_OPTION,
  'all-namespaces': { type: 'boolean', short: 'A', default: false },
} as const;

const FORMATS = ['table', 'wide', 'name', 'yaml', 'json'] as const;
type Format = (typeof FORMATS)[number];

/** What is asked for. */
interface Request {
  kinds: ResourceKind[];
  named: NamedResource[];
  format: Format;
  /** Undefined for all. */
  namespace: string | undefined;
}

/** Runs `rehome get`. */
export function runGet(argv: string[], context: ConsoleContext): Promise<number> {
  return runKubeCommand(
    {
      usage: USAGE,
      options: OPTIONS,
      run: async ({ values, positionals }) => {
        const request: Request = {
          ...readResources(positionals),
          format: readFormat(values.output),
          namespace: values['all-namespaces'] ? undefined : values.namespace,
        };
        if (!values.watch) return getOnce(request, context);
        return watch(request, context);
      },
    },
    argv,
    context,
  );
}

function readFormat(output: string): Format {
  const format = FORMATS.find((each) => each === output);
  if (format === undefined) throw new UsageError(`-o is ${FORMATS.slice(1).join(', ')}, not ${output}`);
  return format;
}

interface Found {
  kind: ResourceKind;
  objects: KubeObject[];
}

async function getOnce(request: Request, context: ConsoleContext): Promise<number> {
  const { api } = context.connect();
  const { found, failures } = await find(api, request);
  if (found.length > 0) print(found, request, context);
  for (const failure of failures) context.stderr.write(`${serverError(failure)}\n`);
  return failures.length > 0 ? EXIT_FAILED : 0;
}

function print(found: readonly Found[], request: Request, context: ConsoleContext): void {
  const isAlone = request.named.length === 1;
  if (request.format === 'yaml' || request.format === 'json') {
    printDocument(found, request.format, isAlone, context);
    return;
  }
  const filled = found.filter(({ objects }) => objects.length > 0);
  if (filled.length === 0) context.stderr.write(`${nothingFound(request)}\n`);
  else {
    const withKind = filled.length > 1 || request.kinds.length > 1;
    const texts = filled.map((each) => textOf(each, { ...request, withKind }, context.nowMs()));
    context.stdout.write(texts.join(request.format === 'name' ? '' : '\n'));
  }
}

/** What is there of it, and why the rest is not. Rejects with KubeError if a kind cannot be listed. */
async function find(
  api: KubeApi,
  { kinds, named, namespace }: Request,
): Promise<{ found: Found[]; failures: KubeError[] }> {
  const found: Found[] = [];
  const failures: KubeError[] = [];
  for (const kind of kinds) {
    const { items } = await api.list(kind, kind.namespaced && namespace !== undefined ? { namespace } : {});
    found.push({ kind, objects: sorted(kind, items) });
  }
  for (const resource of named) {
    const object = await attempt(getResource(api, resource, namespace ?? NAMESPACE_OPTION.default));
    if (object instanceof KubeError) {
      failures.push(object);
      continue;
    }
    const group = found.find(({ kind }) => kind === resource.kind);
    if (group === undefined) found.push({ kind: resource.kind, objects: [object] });
    else group.objects.push(object);
  }
  return { found, failures };
}

async function attempt<T>(answer: Promise<T>): Promise<T | KubeError> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof KubeError) return error;
    throw error;
  }
}

/** Events by time, all else by name. */
function sorted(kind: ResourceKind, objects: readonly KubeObject[]): KubeObject[] {
  const key = (object: KubeObject): string =>
    kind.kind === 'Event'
      ? lastSeen(object as KubeEvent)
      : `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
  return objects.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

function nothingFound({ kinds, namespace }: Request): string {
  const isNamespaced = kinds.some((kind) => kind.namespaced);
  return isNamespaced && namespace !== undefined
    ? `No resources found in ${namespace} namespace.`
    : 'No resources found';
}

function printDocument(
  found: readonly Found[],
  format: ObjectFormat,
  alone: boolean,
  { stdout }: ConsoleContext,
): void {
  const objects = found.flatMap((each) => each.objects);
  stdout.write(objectText(objects, format, alone));
}

function textOf({ kind, objects }: Found, request: Request & { withKind: boolean }, nowMs: number): string {
  if (request.format === 'name')
    return objects.map(({ metadata }) => `${qualifiedName(kind, metadata.name)}\n`).join('');
  const shown = request.withKind ? objects.map((object) => qualified(kind, object)) : objects;
  return new ResourceTable(kind, tableOptions(request)).rows(shown, nowMs);
}

/** With its kind in its name: several kinds are shown one below the other. */
function qualified(kind: ResourceKind, object: KubeObject): KubeObject {
  const { metadata } = object;
  return { ...object, metadata: { ...metadata, name: qualifiedName(kind, metadata.name) } };
}

function tableOptions({ format, namespace }: Request): TableOptions {
  return { wide: format === 'wide', withNamespace: namespace === undefined };
}

async function watch(request: Request, context: ConsoleContext): Promise<number> {
  const [kind = request.named[0]?.kind, ...others] = request.kinds;
  if (kind === undefined || others.length > 0 || request.named.length > 1)
    throw new UsageError('-w watches one kind or one object');
  const { api } = context.connect();
  const name = request.named[0]?.name;
  const print = changePrinter(kind, request, context);
  const { namespace } = request;
  const selection = kind.namespaced && namespace !== undefined ? { namespace } : {};
  await follow(api, kind, { ...selection, signal: context.interrupted }, (change) => {
    const objects = change.type === 'SEEN' ? sorted(kind, change.objects) : [change.object];
    print(objects.filter(({ metadata }) => name === undefined || metadata.name === name));
  });
  return 0;
}

function changePrinter(
  kind: ResourceKind,
  request: Request,
  { stdout, nowMs }: ConsoleContext,
): (objects: readonly KubeObject[]) => void {
  const { format } = request;
  if (format === 'yaml' || format === 'json') {
    const separator = format === 'yaml' ? '---\n' : '';
    return (objects) => {
      for (const object of objects) stdout.write(separator + objectText([object], format, true));
    };
  }
  if (format === 'name') {
    return (objects) => {
      for (const { metadata } of objects) stdout.write(`${qualifiedName(kind, metadata.name)}\n`);
    };
  }
  const table = new ResourceTable(kind, tableOptions(request));
  return (objects) => {
    if (objects.length > 0) stdout.write(table.rows(objects, nowMs()));
  };
}

import { stringify } from 'yaml';
import type { KubeObject } from '../../api/object-type.ts';
import type { KubeApi } from '../../kube/api.ts';
import { EVENTS } from '../../kube/kinds.ts';
import type { KubeEvent } from '../../kube/objects.ts';
import type { ConsoleContext } from '../console-context.ts';
import { NAMESPACE_OPTION, runKubeCommand } from '../kube-command.ts';
import { ageText } from '../resources/age.ts';
import { NONE } from '../resources/columns.ts';
import { lastSeen } from '../resources/other-columns.ts';
import { getResource, readResource } from '../resources/resource-arguments.ts';
import { table } from '../table.ts';

const USAGE = `rehome describe KIND NAME | KIND/NAME: one object in full, with its Events

  -n NAMESPACE      another namespace than default
  --help            this text
`;

const LABEL_WIDTH = 14;

/** Runs `rehome describe`. */
export function runDescribe(argv: string[], context: ConsoleContext): Promise<number> {
  return runKubeCommand(
    {
      usage: USAGE,
      options: { namespace: NAMESPACE_OPTION },
      run: async ({ values, positionals }) => {
        const { resource } = readResource(positionals);
        const { api } = context.connect();
        const object = await getResource(api, resource, values.namespace);
        const events = await eventsOf(api, object);
        context.stdout.write(headText(object, context.nowMs()) + bodyText(object));
        context.stdout.write(eventsText(events, context.nowMs()));
        return 0;
      },
    },
    argv,
    context,
  );
}

async function eventsOf(api: KubeApi, { metadata }: KubeObject): Promise<KubeEvent[]> {
  // Those about objects without a namespace are in `default`.
  const { items } = await api.list(EVENTS, { namespace: metadata.namespace ?? 'default' });
  return items
    .filter(({ regarding }) => regarding.uid === metadata.uid)
    .toSorted((a, b) => (lastSeen(a) < lastSeen(b) ? -1 : 1));
}

function headText({ kind, metadata }: KubeObject, nowMs: number): string {
  const { name, namespace, labels, annotations, creationTimestamp, deletionTimestamp } = metadata;
  const lines: [string, string][] = [
    ['Name', name],
    ['Namespace', namespace ?? NONE],
    ['Kind', kind],
    ['Age', ageText(creationTimestamp, nowMs)],
    ...mapLines('Labels', labels),
    ...mapLines('Annotations', annotations),
  ];
  if (deletionTimestamp !== undefined) lines.push(['Leaving', 'it is being deleted']);
  return lines
    .map(([label, text]) => (label === '' ? '' : `${label}:`).padEnd(LABEL_WIDTH) + `${text}\n`)
    .join('');
}

function mapLines(label: string, map: Readonly<Record<string, string>> = {}): [string, string][] {
  const lines = Object.entries(map).map(([key, value]) => `${key}=${value}`);
  return (lines.length === 0 ? [NONE] : lines).map((line, index) => [index === 0 ? label : '', line]);
}

/** Everything but the metadata, each part under its name. */
function bodyText(object: KubeObject): string {
  return Object.entries(object)
    .filter(([name]) => !['apiVersion', 'kind', 'metadata'].includes(name))
    .map(([name, part]) => `${titleOf(name)}:\n${indented(stringify(part))}`)
    .join('');
}

function titleOf(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}

function eventsText(events: readonly KubeEvent[], nowMs: number): string {
  if (events.length === 0) return `${'Events:'.padEnd(LABEL_WIDTH)}${NONE}\n`;
  const rows = events.map((event) => [event.type, event.reason, ageText(lastSeen(event), nowMs), event.note]);
  return `Events:\n${indented(table(['TYPE', 'REASON', 'AGE', 'MESSAGE'], rows))}`;
}

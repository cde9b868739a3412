import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { KubeError, type KubeApi, type ObjectRef } from '../../kube/api.ts';
import { PODS } from '../../kube/kinds.ts';
import type { ConsoleContext } from '../console-context.ts';
import { NAMESPACE_OPTION, runKubeCommand } from '../kube-command.ts';
import { UsageError } from '../usage-error.ts';

const USAGE = `rehome logs POD [options]: what a pod's process wrote

  -f, --follow      go on until the pod is gone
  --tail N          only the last N lines
  -n NAMESPACE      another namespace than default
  --help            this text
`;

const OPTIONS = {
  follow: { type: 'boolean', short: 'f', default: false },
  tail: { type: 'string' },
  namespace: NAMESPACE_OPTION,
} as const;

const LOOK_EVERY_MS = 200;
const CHUNK_BYTES = 65_536;

/** Runs `rehome logs`. */
export function runLogs(argv: string[], context: ConsoleContext): Promise<number> {
  return runKubeCommand(
    {
      usage: USAGE,
      options: OPTIONS,
      run: async ({ values, positionals }) => {
        const [word = '', ...more] = positionals;
        if (word === '' || more.length > 0) throw new UsageError('one POD is to be named');
        const tail = tailOf(values.tail);
        const session = context.connect();
        const { api } = session;
        const ref = { namespace: values.namespace, name: word.replace(/^(?:pod|po|pods)\//, '') };
        const { metadata } = await api.get(PODS, ref);
        const file = session.logFile(metadata.uid ?? '');
        const bytes = readAll(file);
        context.stdout.write(lastLines(bytes.toString(), tail));
        if (values.follow) await followFile({ api, ref, file, uid: metadata.uid }, bytes.length, context);
        return 0;
      },
    },
    argv,
    context,
  );
}

function tailOf(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  if (!/^\d{1,9}$/.test(given)) throw new UsageError(`--tail is a number of lines, not ${given}`);
  return Number(given);
}

/** Empty before the container was started. */
function readAll(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    return Buffer.alloc(0);
  }
}

function lastLines(text: string, count: number | undefined): string {
  if (count === undefined) return text;
  const lines = text.split('\n');
  const hasEnd = lines.at(-1) === '';
  return lines.slice(Math.max(0, lines.length - count - (hasEnd ? 1 : 0))).join('\n');
}

interface Source {
  api: KubeApi;
  ref: ObjectRef;
  uid: string | undefined;
  file: string;
}

async function followFile(source: Source, from: number, context: ConsoleContext): Promise<void> {
  let offset = from;
  for (let isThere = true; isThere && !context.interrupted.aborted;) {
    await context.pause(LOOK_EVERY_MS);
    // Asked before the last look, so that nothing written until then is missed.
    isThere = await exists(source);
    offset += copyFrom(source.file, offset, context);
  }
}

async function exists({ api, ref, uid }: Source): Promise<boolean> {
  try {
    return (await api.get(PODS, ref)).metadata.uid === uid;
  } catch (error) {
    if (error instanceof KubeError && error.reason === 'NotFound') return false;
    throw error;
  }
}

/** Writes what the file holds from an offset on; how many bytes that was. */
function copyFrom(file: string, offset: number, { stdout }: ConsoleContext): number {
  let handle: number;
  try {
    handle = openSync(file, 'r');
  } catch {
    return 0;
  }
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let copied = 0;
  for (;;) {
    const length = readSync(handle, chunk, 0, CHUNK_BYTES, offset + copied);
    if (length === 0) break;
    stdout.write(chunk.toString('utf8', 0, length));
    copied += length;
  }
  closeSync(handle);
  return copied;
}

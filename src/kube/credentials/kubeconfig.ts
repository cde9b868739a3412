import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import type { ApiAccess, ExecPlugin, TextSource } from './access.ts';
import { CurrentText } from './current-text.ts';

/** What a kubeconfig says does not work; the message is one line for the person. */
export class KubeconfigError extends Error {
  override readonly name = 'KubeconfigError';
}

type Fields = Readonly<Record<string, unknown>>;

/** An entry, and the folder that its file names are relative to. */
interface Entry {
  fields: Fields;
  folder: string;
}

/** Files merged as kubectl does: of entries with one name the first stands. */
interface Merged {
  currentContext: string;
  clusters: Map<string, Entry>;
  users: Map<string, Entry>;
  contexts: Map<string, Entry>;
}

/**
 * The access that a context of kubeconfig files describes; the current one if `context` is left out. Files that are not there
 * are passed over; undefined if none is. Throws KubeconfigError if one cannot be read or says what cannot be done.
 */
export function readKubeconfig(files: readonly string[], context?: string): ApiAccess | undefined {
  const merged: Merged = { currentContext: '', clusters: new Map(), users: new Map(), contexts: new Map() };
  const found = files.filter((file) => addFile(merged, file));
  if (found.length === 0) return undefined;
  const name = context ?? merged.currentContext;
  const where = found.join(', ');
  if (name === '') throw new KubeconfigError(`${where}: no current context; name one with --context`);
  const { fields } = entryOf(merged.contexts, name, `${where}: no context`);
  const cluster = entryOf(merged.clusters, textOf(fields, 'cluster'), `${where}: no cluster`);
  const userName = textOf(fields, 'user');
  const user = userName === '' ? undefined : entryOf(merged.users, userName, `${where}: no user`);
  const namespace = textOf(fields, 'namespace');
  return {
    ...clusterAccess(cluster, where),
    ...(user && userAccess(user, cluster, where)),
    ...(namespace !== '' && { namespace }),
  };
}

/** Whether there is such a file. */
function addFile(merged: Merged, file: string): boolean {
  const document = documentOf(file);
  if (document === undefined) return false;
  const folder = dirname(resolve(file));
  if (merged.currentContext === '') merged.currentContext = textOf(document, 'current-context');
  for (const kind of ['cluster', 'user', 'context'] as const) {
    const entries = merged[`${kind}s`];
    for (const item of listOf(document, `${kind}s`)) {
      const name = textOf(item, 'name');
      if (!entries.has(name)) entries.set(name, { fields: fieldsOf(item, kind), folder });
    }
  }
  return true;
}

function documentOf(file: string): Fields | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new KubeconfigError((error as Error).message);
  }
  try {
    const document = parse(text) as unknown;
    if (document === null) return {};
    if (typeof document === 'object' && !Array.isArray(document)) return document as Fields;
  } catch (error) {
    throw new KubeconfigError(`${file}: ${(error as Error).message.split('\n')[0] ?? ''}`);
  }
  throw new KubeconfigError(`${file} is no kubeconfig`);
}

function clusterAccess({ fields, folder }: Entry, where: string): ApiAccess {
  const server = textOf(fields, 'server');
  if (!/^https?:$/.test(URL.parse(server)?.protocol ?? ''))
    throw new KubeconfigError(`${where}: the server is not an http or https URL: ${server}`);
  if (textOf(fields, 'proxy-url') !== '') throw new KubeconfigError(`${where}: proxy-url cannot be used`);
  const ca = sourceOf(fields, folder, 'certificate-authority');
  const tlsServerName = textOf(fields, 'tls-server-name');
  return {
    server,
    ...(ca && { ca }),
    ...(tlsServerName !== '' && { tlsServerName }),
    ...(fields['insecure-skip-tls-verify'] === true && { insecure: true }),
  };
}

/** Ways to say who one is that no server takes any more, or that are not done here: to leave them out would ask as a stranger. */
const NOT_DONE = ['auth-provider', 'username', 'as'];

function userAccess({ fields, folder }: Entry, cluster: Entry, where: string): Partial<ApiAccess> {
  const other = NOT_DONE.find((name) => name in fields);
  if (other !== undefined) throw new KubeconfigError(`${where}: ${other} cannot be used`);
  const clientCertificate = sourceOf(fields, folder, 'client-certificate');
  const clientKey = sourceOf(fields, folder, 'client-key');
  const tokenFile = textOf(fields, 'tokenFile');
  const tokenText = textOf(fields, 'token');
  // As in client-go, a file, which may be renewed, goes before a token that is there itself.
  const token =
    tokenFile !== ''
      ? { file: resolve(folder, tokenFile) }
      : tokenText !== ''
        ? { text: tokenText }
        : undefined;
  const exec = fields['exec'] === undefined ? undefined : execOf(fieldsOf(fields, 'exec'), folder, cluster);
  return {
    ...(clientCertificate && { clientCertificate }),
    ...(clientKey && { clientKey }),
    ...(token && { token }),
    ...(exec && { exec }),
  };
}

function execOf(fields: Fields, folder: string, cluster: Entry): ExecPlugin {
  const command = textOf(fields, 'command');
  const installHint = textOf(fields, 'installHint').trim();
  const env = listOf(fields, 'env').map((each) => [textOf(each, 'name'), textOf(each, 'value')]);
  const args = Array.isArray(fields['args']) ? fields['args'].map(String) : [];
  return {
    // A name without a folder is looked for on PATH; others are relative to the file.
    command: command.includes('/') ? resolve(folder, command) : command,
    args,
    env: Object.fromEntries(env) as Record<string, string>,
    apiVersion: textOf(fields, 'apiVersion') || 'client.authentication.k8s.io/v1',
    ...(fields['provideClusterInfo'] === true && { cluster: clusterInfo(cluster) }),
    ...(installHint !== '' && { installHint }),
  };
}

/** Fields that a cluster has in a kubeconfig and in an ExecCredential. */
const IN_CLUSTER_INFO = ['server', 'tls-server-name', 'insecure-skip-tls-verify', 'disable-compression'];
/** Extension of a cluster that is meant for its program. */
const EXEC_EXTENSION = 'client.authentication.k8s.io/exec';

/** A cluster as client.authentication.k8s.io/v1 describes it: its authorities are never a file. */
function clusterInfo({ fields, folder }: Entry): Fields {
  const ca = sourceOf(fields, folder, 'certificate-authority');
  const extensions = listOf(fields, 'extensions');
  const config = extensions.find((each) => textOf(each, 'name') === EXEC_EXTENSION)?.['extension'];
  return {
    ...Object.fromEntries(
      IN_CLUSTER_INFO.filter((name) => name in fields).map((name) => [name, fields[name]]),
    ),
    ...(ca && { 'certificate-authority-data': Buffer.from(contentOf(ca)).toString('base64') }),
    ...(config !== undefined && { config }),
  };
}

function contentOf(source: TextSource): string {
  try {
    return new CurrentText(source).get();
  } catch (error) {
    throw new KubeconfigError((error as Error).message);
  }
}

/** A field with base64 in it goes before one that names a file. */
function sourceOf(fields: Fields, folder: string, name: string): TextSource | undefined {
  const data = textOf(fields, `${name}-data`);
  if (data !== '') return { text: Buffer.from(data, 'base64').toString('utf8') };
  const file = textOf(fields, name);
  return file === '' ? undefined : { file: resolve(folder, file) };
}

function entryOf(entries: ReadonlyMap<string, Entry>, name: string, problem: string): Entry {
  const found = entries.get(name);
  if (found === undefined) throw new KubeconfigError(`${problem} "${name}"`);
  return found;
}

function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === 'string' ? value : '';
}

function fieldsOf(fields: Fields, name: string): Fields {
  const value = fields[name];
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function listOf(fields: Fields, name: string): Fields[] {
  const value = fields[name];
  const isFields = (each: unknown): each is Fields => typeof each === 'object' && each !== null;
  return Array.isArray(value) ? value.filter(isFields) : [];
}

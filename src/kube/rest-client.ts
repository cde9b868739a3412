import type { IncomingMessage } from 'node:http';
import type { KubeObject } from '../api/object-type.ts';
import {
  KubeError,
  type JsonPatchOperation,
  type KubeApi,
  type ObjectRef,
  type ResourceKind,
  type Selection,
  type Subresource,
  type WatchEvent,
} from './api.ts';
import { HttpTransport, type TransportConfig } from './http-transport.ts';
import { PODS } from './kinds.ts';
import { errorOfStatus, unreachable } from './kube-error.ts';
import { LineSplitter } from './line-splitter.ts';
import { apiVersionOf, collectionPath, objectPath, selectionQuery } from './resource-path.ts';

/** Objects in one answer of a list. */
const PAGE = 500;
/**
 * A watch that says nothing for so long is cut off: bookmarks come about each minute, but none from a server that was set back
 * to a backup and waits for the version that was asked for.
 */
const WATCH_IDLE_MS = 90_000;
/** How long the server keeps a watch, and by how much that differs, so that not all end at once. */
const WATCH_SECONDS = { least: 240, spread: 60 };

/** The API server, and what else the client needs. */
export interface RestConfig extends TransportConfig {
  /** `WATCH_IDLE_MS` if left out. */
  watchIdleMs?: number;
}

/** The Kubernetes API over HTTP. */
export class RestClient implements KubeApi {
  private readonly transport: HttpTransport;
  private readonly random: () => number;
  private readonly watchIdleMs: number;

  constructor(config: RestConfig) {
    this.transport = new HttpTransport(config);
    this.random = config.random;
    this.watchIdleMs = config.watchIdleMs ?? WATCH_IDLE_MS;
  }

  async get<T extends KubeObject>(kind: ResourceKind<T>, ref: ObjectRef): Promise<T> {
    return parsed(await this.transport.ask({ method: 'GET', path: objectPath(kind, ref) })) as T;
  }

  async list<T extends KubeObject>(
    kind: ResourceKind<T>,
    selection: Selection,
  ): Promise<{ items: T[]; resourceVersion: string }> {
    const items: T[] = [];
    const type = { apiVersion: apiVersionOf(kind), kind: kind.kind };
    const path = collectionPath(kind, selection.namespace ?? '');
    let token: string | undefined;
    for (;;) {
      const more = { limit: String(PAGE), ...(token === undefined ? {} : { continue: token }) };
      const query = selectionQuery(selection, more);
      const page = parsed(await this.transport.ask({ method: 'GET', path: path + query })) as ListPage<T>;
      // The items of a list of built-in kinds do not say what they are.
      items.push(...(page.items ?? []).map((item) => ({ ...type, ...item })));
      token = page.metadata.continue;
      if (token === undefined || token === '')
        return { items, resourceVersion: page.metadata.resourceVersion };
    }
  }

  async watch<T extends KubeObject>(
    kind: ResourceKind<T>,
    options: Selection & { resourceVersion: string; signal: AbortSignal },
    onEvent: (event: WatchEvent<T>) => void,
  ): Promise<void> {
    const { signal, resourceVersion } = options;
    const seconds = Math.floor(WATCH_SECONDS.least + this.random() * WATCH_SECONDS.spread);
    const query = selectionQuery(options, {
      watch: '1',
      allowWatchBookmarks: 'true',
      timeoutSeconds: String(seconds),
      resourceVersion,
    });
    try {
      const response = await this.transport.stream(
        collectionPath(kind, options.namespace ?? '') + query,
        signal,
      );
      await this.readEvents(response, signal, onEvent);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async create<T extends KubeObject>(kind: ResourceKind<T>, object: T): Promise<T> {
    const path = collectionPath(kind, object.metadata.namespace ?? '');
    return parsed(await this.transport.ask({ method: 'POST', path, body: object })) as T;
  }

  async apply<T extends KubeObject>(
    kind: ResourceKind<T>,
    object: T,
    options: { fieldManager: string; subresource?: Subresource },
  ): Promise<T> {
    const { fieldManager, subresource } = options;
    const ref = { namespace: object.metadata.namespace ?? '', name: object.metadata.name };
    const query = `?fieldManager=${encodeURIComponent(fieldManager)}&force=true`;
    const answer = await this.transport.ask({
      method: 'PATCH',
      path: objectPath(kind, ref, subresource) + query,
      body: object,
      contentType: 'application/apply-patch+yaml',
    });
    return parsed(answer) as T;
  }

  async patch<T extends KubeObject>(
    kind: ResourceKind<T>,
    ref: ObjectRef,
    operations: readonly JsonPatchOperation[],
    options: { subresource?: Subresource } = {},
  ): Promise<T> {
    const answer = await this.transport.ask({
      method: 'PATCH',
      path: objectPath(kind, ref, options.subresource),
      body: operations,
      contentType: 'application/json-patch+json',
    });
    return parsed(answer) as T;
  }

  async delete(
    kind: ResourceKind,
    ref: ObjectRef,
    options: { gracePeriodSeconds?: number; uid?: string } = {},
  ): Promise<void> {
    const { uid, gracePeriodSeconds } = options;
    const body = {
      ...deleteOptions(gracePeriodSeconds),
      propagationPolicy: 'Background',
      ...(uid === undefined ? {} : { preconditions: { uid } }),
    };
    await this.transport.ask({ method: 'DELETE', path: objectPath(kind, ref), body });
  }

  async evict(ref: ObjectRef, options: { gracePeriodSeconds?: number } = {}): Promise<void> {
    const body = {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: ref,
      deleteOptions: deleteOptions(options.gracePeriodSeconds),
    };
    await this.transport.ask({
      method: 'POST',
      path: objectPath(PODS, ref, 'eviction'),
      body,
      isRefusable: true,
    });
  }

  /** Closes all connections: what is under way is `Unreachable`. */
  close(): void {
    this.transport.close();
  }

  private async readEvents<T extends KubeObject>(
    response: IncomingMessage,
    signal: AbortSignal,
    onEvent: (event: WatchEvent<T>) => void,
  ): Promise<void> {
    const lines = new LineSplitter();
    const stop = (): void => {
      response.destroy();
    };
    // Half-open connections and sick machines on the way keep a stream silent for ever.
    const watchdog = setTimeout(() => {
      response.destroy(new KubeError(0, 'Silent', `nothing in ${String(this.watchIdleMs)} ms`));
    }, this.watchIdleMs);
    signal.addEventListener('abort', stop, { once: true });
    try {
      for await (const chunk of response.iterator({ destroyOnReturn: true })) {
        watchdog.refresh();
        for (const line of lines.push(chunk as Buffer)) if (!signal.aborted) onEvent(eventIn<T>(line));
      }
    } catch (error) {
      // Errors of the connection have a code; one of the receiver's own passes as it is.
      throw hasCode(error) ? unreachable(error) : error;
    } finally {
      clearTimeout(watchdog);
      signal.removeEventListener('abort', stop);
    }
  }
}

function hasCode(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error;
}

/** An answer to a list. */
interface ListPage<T> {
  metadata: { resourceVersion: string; continue?: string };
  items: T[] | null;
}

function deleteOptions(gracePeriodSeconds: number | undefined): Record<string, unknown> {
  return {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
  };
}

/** One line of a watch; throws what an ERROR event says. */
function eventIn<T extends KubeObject>(line: string): WatchEvent<T> {
  const event = parsed(line) as WireEvent<T>;
  if (event.type === 'ERROR') throw errorOfStatus(event.object, 500, 'the watch failed');
  if (event.type !== 'BOOKMARK') return event;
  return { type: 'BOOKMARK', resourceVersion: event.object.metadata.resourceVersion };
}

type WireEvent<T extends KubeObject> =
  | Exclude<WatchEvent<T>, { type: 'BOOKMARK' }>
  | { type: 'BOOKMARK'; object: { metadata: { resourceVersion: string } } }
  | { type: 'ERROR'; object: unknown };

// What the server says of its objects is taken as it is: a field of another shape is found where it is read.
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new KubeError(500, 'InternalError', `the answer is no JSON: ${text.slice(0, 80)}`);
  }
}

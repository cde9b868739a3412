import type { ServerResponse } from 'node:http';
import type { KubeObject } from '../../api/object-type.ts';
import { KubeError, type ResourceKind, type WatchEvent } from '../../kube/api.ts';
import { apiVersionOf } from '../../kube/resource-path.ts';
import { statusOf } from './api-status.ts';
import type { MemoryKubernetes } from './memory-api.ts';
import { requestSelection } from './request-selection.ts';
import type { ResourceTarget } from './request-path.ts';

/** How long a watch goes on that asked for no time. */
const DEFAULT_SECONDS = 300;

/** Answers a watch: one event as JSON a line, until its time is over or the client leaves. */
export async function answerWatch(
  api: MemoryKubernetes,
  request: { target: ResourceTarget; query: URLSearchParams },
  response: ServerResponse,
): Promise<void> {
  const { target, query } = request;
  const { kind } = target;
  const selection = requestSelection(target.namespace, query);
  const stop = new AbortController();
  const end = (): void => {
    stop.abort();
  };
  response.once('close', end);
  const timer = setTimeout(end, 1000 * (Number(query.get('timeoutSeconds')) || DEFAULT_SECONDS));
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  const options = { ...selection, resourceVersion: query.get('resourceVersion') ?? '', signal: stop.signal };
  const withBookmarks = ['1', 'true'].includes(query.get('allowWatchBookmarks') ?? '');
  try {
    await api.watch(kind, options, (event) => {
      if (withBookmarks || event.type !== 'BOOKMARK')
        response.write(`${JSON.stringify(wireEvent(kind, event))}\n`);
    });
  } catch (error) {
    // The answer has begun: what went wrong is its last event.
    const failure = error instanceof KubeError ? error : new KubeError(500, 'InternalError', String(error));
    response.write(`${JSON.stringify({ type: 'ERROR', object: statusOf(failure) })}\n`);
  } finally {
    clearTimeout(timer);
    response.end();
  }
}

function wireEvent(kind: ResourceKind, event: WatchEvent<KubeObject>): unknown {
  if (event.type !== 'BOOKMARK') return event;
  const metadata = { resourceVersion: event.resourceVersion };
  return { type: 'BOOKMARK', object: { apiVersion: apiVersionOf(kind), kind: kind.kind, metadata } };
}

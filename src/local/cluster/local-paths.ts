import type { IncomingMessage, ServerResponse } from 'node:http';
import { KubeError, type KubeApi } from '../../kube/api.ts';
import { PODS } from '../../kube/kinds.ts';
import type { Kubelet } from '../kubelet/kubelet.ts';
import { statusOf } from '../kubernetes/api-status.ts';
import type { OwnPaths } from '../kubernetes/api-server.ts';

const SIGNAL_PATH = /^\/local\/pods\/([^/]+)\/([^/]+)\/signal$/;
const SIGNALS: readonly string[] = ['SIGKILL', 'SIGSTOP', 'SIGCONT'];

/** Path on the local server that sends a signal to a pod's process; the query names it, the answer is `{ pid }`. */
export function signalPath(pod: { namespace: string; name: string }, signal: string): string {
  return `/local/pods/${encodeURIComponent(pod.namespace)}/${encodeURIComponent(pod.name)}/signal?signal=${signal}`;
}

/** What the local server answers beside Kubernetes' paths. */
export function localPathsOf(api: KubeApi, kubelet: Kubelet): OwnPaths {
  return (request, response, url) => {
    const [, namespace, name] = SIGNAL_PATH.exec(url.pathname) ?? [];
    if (namespace === undefined || name === undefined) return false;
    const pod = { namespace: decodeURIComponent(namespace), name: decodeURIComponent(name) };
    void answer(request, response, () => signalPod(api, kubelet, pod, url.searchParams.get('signal') ?? ''));
    return true;
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  act: () => Promise<unknown>,
): Promise<void> {
  request.resume();
  try {
    if (request.method !== 'POST') throw new KubeError(405, 'BadRequest', 'POST only');
    send(response, 200, await act());
  } catch (error) {
    const failure = error instanceof KubeError ? error : new KubeError(500, 'InternalError', String(error));
    send(response, failure.code, statusOf(failure));
  }
}

function send(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function signalPod(
  api: KubeApi,
  kubelet: Kubelet,
  ref: { namespace: string; name: string },
  signal: string,
): Promise<{ pid: number }> {
  if (!SIGNALS.includes(signal))
    throw new KubeError(400, 'BadRequest', `signal is one of ${SIGNALS.join(', ')}`);
  const { metadata } = await api.get(PODS, ref);
  const pid = kubelet.signal(metadata.uid ?? '', signal as NodeJS.Signals);
  if (pid === undefined) throw new KubeError(409, 'Conflict', `pod "${ref.name}" has no process`);
  return { pid };
}

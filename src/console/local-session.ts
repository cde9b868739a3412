import { join } from 'node:path';
import type { ApiAccess } from '../kube/credentials/access.ts';
import { findAccess, type AccessOptions } from '../kube/credentials/find-access.ts';
import { HttpTransport } from '../kube/http-transport.ts';
import { RestClient } from '../kube/rest-client.ts';
import { localPaths, readLocalState, type LocalState } from '../local/cluster/state-file.ts';
import { signalPath } from '../local/cluster/local-paths.ts';
import { pause } from '../local/until.ts';
import { NoClusterError, type ConsoleContext, type Session } from './console-context.ts';

/** The context of a command that a person runs on this machine. */
export function localContext(): ConsoleContext {
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    connect: anySession,
    nowMs: Date.now,
    pause,
    interrupted: interruption(),
  };
}

/**
 * The cluster that the options name; if they name none, the `rehome local` that runs, else the one that a kubeconfig or this
 * pod's ServiceAccount leads to. Throws NoClusterError if there is none, KubeconfigError if a kubeconfig does not serve.
 */
function anySession(options: AccessOptions = {}): Session {
  const isNamed = options.kubeconfig !== undefined || options.context !== undefined;
  const paths = localPaths();
  const state = isNamed ? undefined : readLocalState(paths);
  if (state !== undefined) return localSession(state, paths.pods);
  const access = findAccess(options, process.env);
  if (access !== undefined) return remoteSession(access);
  throw new NoClusterError(
    `no cluster: none is running here (looked in ${paths.folder}), and there is no kubeconfig; ` +
      `start one with: rehome local -f examples/local.yaml`,
  );
}

function localSession({ server, tokenFile }: LocalState, pods: string): Session {
  const access = { server, token: { file: tokenFile }, random: Math.random };
  const transport = new HttpTransport(access);
  return {
    api: new RestClient(access),
    logFile: (uid) => join(pods, uid, 'log'),
    signal: async (pod, signal) => {
      const answer = await transport.ask({ method: 'POST', path: signalPath(pod, signal) });
      return (JSON.parse(answer) as { pid: number }).pid;
    },
  };
}

function remoteSession(access: ApiAccess): Session {
  return {
    api: new RestClient({ ...access, random: Math.random }),
    namespace: access.namespace ?? 'default',
    logFile: () => {
      throw new NoClusterError('logs are read of pods on this machine only; use kubectl logs');
    },
    signal: () => {
      throw new NoClusterError('signals are sent to pods on this machine only; use kubectl exec or debug');
    },
  };
}

/** Aborted at the first Ctrl-C, or when whoever read the output is gone; the second Ctrl-C ends the process. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  const abort = (): void => {
    controller.abort();
  };
  process.once('SIGINT', abort);
  process.stdout.once('error', abort);
  return controller.signal;
}

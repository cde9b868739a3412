import { join } from 'node:path';
import { HttpTransport } from '../kube/http-transport.ts';
import { RestClient } from '../kube/rest-client.ts';
import { localPaths, readLocalState } from '../local/cluster/state-file.ts';
import { signalPath } from '../local/cluster/local-paths.ts';
import { pause } from '../local/until.ts';
import { NoClusterError, type ConsoleContext, type Session } from './console-context.ts';

/** The context of a command that a person runs on this machine. */
export function localContext(): ConsoleContext {
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    connect: localSession,
    nowMs: Date.now,
    pause,
    interrupted: interruption(),
  };
}

/** The `rehome local` that runs. Throws NoClusterError. */
function localSession(): Session {
  const paths = localPaths();
  const state = readLocalState(paths);
  if (state === undefined)
    throw new NoClusterError(
      `no cluster is running here (looked in ${paths.folder}); start one with: rehome local -f examples/local.yaml`,
    );
  const { server, tokenFile } = state;
  const access = { server, token: { file: tokenFile }, random: Math.random };
  const transport = new HttpTransport(access);
  return {
    api: new RestClient(access),
    logFile: (uid) => join(paths.pods, uid, 'log'),
    signal: async (pod, signal) => {
      const answer = await transport.ask({ method: 'POST', path: signalPath(pod, signal) });
      return (JSON.parse(answer) as { pid: number }).pid;
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

import type { KubeApi, ObjectRef } from '../kube/api.ts';
import type { ConsoleOutput } from './output.ts';

/** A signal that a person may send to a pod's process. */
export type ProcessSignal = 'SIGKILL' | 'SIGSTOP' | 'SIGCONT';

/** A Kubernetes that commands speak to, and what only `rehome local` has. */
export interface Session {
  readonly api: KubeApi;
  /** Sends a signal to a pod's process; its process id. Rejects with KubeError if it has none. */
  signal(pod: ObjectRef, signal: ProcessSignal): Promise<number>;
  /** File with the output of the pod of this uid. */
  logFile(uid: string): string;
}

/** What commands take from outside. */
export interface ConsoleContext extends ConsoleOutput {
  /** Throws NoClusterError if none is running. */
  readonly connect: () => Session;
  /** Wall clock. */
  readonly nowMs: () => number;
  readonly pause: (ms: number) => Promise<void>;
  /** Aborted when the person has had enough. */
  readonly interrupted: AbortSignal;
}

/** No cluster is running that a command could speak to. */
export class NoClusterError extends Error {
  override readonly name = 'NoClusterError';
}

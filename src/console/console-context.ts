import type { KubeApi, ObjectRef } from '../kube/api.ts';
import type { AccessOptions } from '../kube/credentials/find-access.ts';
import type { ConsoleOutput } from './output.ts';

/** A signal that a person may send to a pod's process. */
export type ProcessSignal = 'SIGKILL' | 'SIGSTOP' | 'SIGCONT';

/** A Kubernetes that commands speak to, and what only `rehome local` has. */
export interface Session {
  readonly api: KubeApi;
  /** Where commands look that name no namespace. */
  readonly namespace?: string;
  /** Sends a signal to a pod's process; its process id. Rejects with KubeError if it has none, throws NoClusterError elsewhere. */
  signal(pod: ObjectRef, signal: ProcessSignal): Promise<number>;
  /** File with the output of the pod of this uid. Throws NoClusterError elsewhere. */
  logFile(uid: string): string;
}

/** What commands take from outside. */
export interface ConsoleContext extends ConsoleOutput {
  /** Throws NoClusterError if there is none, KubeconfigError if a kubeconfig does not serve. */
  readonly connect: (options?: AccessOptions) => Session;
  /** Wall clock. */
  readonly nowMs: () => number;
  readonly pause: (ms: number) => Promise<void>;
  /** Aborted when the person has had enough. */
  readonly interrupted: AbortSignal;
}

/** There is no cluster that a command could speak to. */
export class NoClusterError extends Error {
  override readonly name = 'NoClusterError';
}

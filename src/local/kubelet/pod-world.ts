import type { KubeApi } from '../../kube/api.ts';
import type { Pod } from '../../kube/objects.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { AskProbe } from './http-probe.ts';
import type { PodAddresses } from './pod-addresses.ts';
import type { ProcessRunner } from './process-runner.ts';

/** What is said of an object as an Event. */
export interface Saying {
  type: 'Normal' | 'Warning';
  reason: string;
  note: string;
}

/** What a pod's worker needs of its node. */
export interface PodWorld {
  readonly api: KubeApi;
  readonly clock: Clock;
  readonly runner: ProcessRunner;
  readonly askProbe: AskProbe;
  readonly addresses: PodAddresses;
  readonly hostIP: string;
  /** Each pod has a folder of its own in it, named by its uid. */
  readonly folder: string;
  /** RFC 3339. */
  now(): string;
  say(about: Pod, what: Saying): void;
  /** The pod's process and object are gone. */
  finished(pod: Pod): void;
  /** An error of the kubelet's own. */
  fault(error: unknown): void;
}

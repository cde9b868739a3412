import type { KubeObject, ObjectMeta } from '../../api/object-type.ts';
import type { KubeApi, ResourceKind } from '../../kube/api.ts';
import type { Step } from '../../reconcile/plan-type.ts';
import type { WishedState } from '../links/pod-link.ts';

/** Field manager of what the operator makes, and of what it says of it. */
export const FIELD_MANAGER = 'rehome-operator';
export const STATUS_MANAGER = 'rehome-operator-status';

/** A step of one type. */
export type StepOf<T extends Step['type']> = Extract<Step, { type: T }>;

/** What performing the steps of one cluster needs. */
export interface StepContext {
  readonly api: KubeApi;
  readonly namespace: string;
  /** Metadata of the SipCluster. */
  readonly cluster: ObjectMeta;
  /** Whether this operator still leads for sure. */
  readonly leads: () => boolean;
  /** Milliseconds since 1970. */
  readonly wallMs: () => number;
  /** An object as the API answered a write of it. */
  readonly wrote: (kind: ResourceKind, object: KubeObject) => void;
  /** Tells a pod what it should be, until it is told otherwise. */
  readonly wish: (podUid: string, state: WishedState) => void;
  /** Writes an Event. */
  readonly event: (step: StepOf<'event'>) => void;
}

import type { ControlState } from '../api/control.ts';
import type { DialogShardStatus } from '../api/dialog-shard-type.ts';
import type { KubeObject } from '../api/object-type.ts';
import type { SipClusterStatus } from '../api/sip-cluster-type.ts';
import type { KeyRingName } from './observed.ts';

/** What the operator does for one cluster now; performed in order, each step at most once. */
export interface Plan {
  steps: Step[];
  /** When to plan again though nothing was observed to change; Infinity if nothing is waited for. */
  againAtMs: number;
}

/** One act, with its reason in the words of Event, status and log. */
export type Step = { reason: string } & (
  | { type: 'createPod'; name: string; object: KubeObject }
  /** With the pod's own grace period. */
  | { type: 'deletePod'; name: string; uid: string }
  | { type: 'applyObject'; object: KubeObject }
  /** With a new key of that ring. */
  | { type: 'createSecret'; name: string; ring: KeyRingName }
  /** Ids of the keys that the Secret has and should have, the first one in use; those that it lacks are made. */
  | { type: 'rotateKeys'; ring: KeyRingName; name: string; from: string[]; to: string[] }
  | { type: 'createShard'; object: KubeObject }
  /** An object of the cluster's own. */
  | { type: 'deleteObject'; kind: string; name: string; uid: string }
  /** Only shards that the cluster made and that are no longer wanted. */
  | { type: 'deleteShard'; name: string; uid: string }
  /**
   * Compare-and-swap on status.roster: nothing after it is done if it fails. With the number that is stored already it only
   * adds when a majority was seen to have adopted it. `previousNumber` is 0 if there is none.
   */
  | { type: 'storeRoster'; status: NonNullable<SipClusterStatus['roster']>; previousNumber: number }
  | { type: 'sendState'; pod: string; uid: string; state: Omit<ControlState, 'term' | 'generation'> }
  | { type: 'clusterStatus'; status: Omit<SipClusterStatus, 'roster'> }
  | { type: 'shardStatus'; name: string; status: Omit<DialogShardStatus, 'vote'> }
  | { type: 'removeAnnotation'; kind: 'DialogShard' | 'Pod' | 'SipCluster'; name: string; key: string }
  | {
      type: 'event';
      about: EventSubject;
      eventType: 'Normal' | 'Warning';
      eventReason: string;
      note: string;
      /** Name of a pod that must have been made for it to be true. */
      creationOf?: string;
    }
);

/** The object that an Event is about. */
export interface EventSubject {
  kind: 'SipCluster' | 'DialogShard' | 'Pod';
  name: string;
  uid: string;
}

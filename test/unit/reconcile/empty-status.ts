import type { SipClusterStatus } from '../../../src/api/sip-cluster-type.ts';

/** The status that a cluster has when only its roster was stored. */
export const EMPTY_STATUS: SipClusterStatus = {
  ...{ observedGeneration: 0, phase: 'Pending', replicas: 0, selector: '', readyReplicas: 0 },
  ...{ dialogs: 0, shards: 0, pods: [], conditions: [] },
};

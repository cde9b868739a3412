/** Annotations, by the names that the program uses: the kinds of objects that carry each, who sets it, what its value is. */
export const ANNOTATIONS = {
  cordon: {
    key: 'sip.rehome.dev/cordon',
    on: 'Pod',
    by: 'you',
    value: 'why, or anything',
    meaning: 'The pod is emptied: its tags are moved and new calls go elsewhere. Taking it away undoes that.',
  },
  moveTo: {
    key: 'sip.rehome.dev/move-to',
    on: 'DialogShard',
    by: 'you',
    value: 'name of a pod',
    meaning: 'The tag is moved to that pod, and stays until that pod has to go; taken away when it is there.',
  },
  newRoster: {
    key: 'sip.rehome.dev/new-roster',
    on: 'SipCluster',
    by: 'you',
    value: 'any text that was not there before',
    meaning: 'A lost majority is given up: the living pods become a new generation of the roster.',
  },
  paused: {
    key: 'sip.rehome.dev/paused',
    on: 'SipCluster',
    by: 'you',
    value: 'why, or anything',
    meaning: 'The operator keeps the status up to date and does nothing else.',
  },
  templateHash: {
    key: 'sip.rehome.dev/template-hash',
    on: 'Pod',
    by: 'operator',
    value: 'hash',
    meaning: 'What the pod was made from; another one than the present means that it is replaced.',
  },
  keyMade: {
    key: 'sip.rehome.dev/key-made',
    on: 'Secret',
    by: 'operator',
    value: 'time, RFC 3339',
    meaning:
      'When the youngest key was made, if that was later than the Secret: its age counts for `keys.rotateEvery`.',
  },
  appliedHash: {
    key: 'sip.rehome.dev/applied-hash',
    on: 'Service, NetworkPolicy',
    by: 'operator',
    value: 'hash',
    meaning: 'What the operator said of the object last; another one means that it is applied again.',
  },
} as const;

/** Labels, by the names that the program uses. */
export const LABELS = {
  cluster: {
    key: 'sip.rehome.dev/cluster',
    on: 'Pod, DialogShard, ConfigMap, Secret, Service, NetworkPolicy, PodDisruptionBudget',
    by: 'operator',
    value: 'name of the SipCluster',
    meaning: 'The cluster that the object belongs to.',
  },
  pod: {
    key: 'sip.rehome.dev/pod',
    on: 'Pod, PodDisruptionBudget',
    by: 'operator',
    value: 'name of the pod',
    meaning: 'Selects one pod.',
  },
} as const;

/** A good `spec` of a SipCluster of that name in which every field of the schema is written. */
export function fullSpec(cluster = 'c'): Record<string, unknown> {
  return {
    replicas: 3,
    shards: 12,
    image: 'example/rehome:1',
    podTemplate: {
      labels: { team: 'voice' },
      annotations: { note: 'any text' },
      resources: { requests: { cpu: '500m' }, limits: { memory: '256Mi' } },
      affinity: { podAntiAffinity: {} },
      tolerations: [
        { key: 'sip', operator: 'Equal', value: 'yes', effect: 'NoExecute', tolerationSeconds: 60 },
      ],
      topologySpreadConstraints: [
        { maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway' },
      ],
      priorityClassName: 'high',
      serviceAccountName: 'calls',
      imagePullPolicy: 'IfNotPresent',
      imagePullSecrets: ['registry'],
      env: [
        { name: 'A', value: 'b' },
        { name: 'C', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      ],
      securityContext: { runAsNonRoot: true },
      containerSecurityContext: { readOnlyRootFilesystem: true },
    },
    nodeSelector: { tier: 'edge' },
    hostNetwork: false,
    portStep: 10,
    listeners: [
      {
        name: 'public',
        transports: ['UDP', 'TCP'],
        port: 5060,
        hostPort: true,
        advertise: { from: 'Annotation', annotation: 'example.org/address', port: 5062 },
      },
      {
        name: 'internal',
        port: 5071,
        advertise: {
          from: 'Map',
          map: {
            [`${cluster}-0`]: '192.0.2.1:5071',
            [`${cluster}-1`]: 'b.example',
            [`${cluster}-2`]: '[2001:db8::1]',
          },
        },
      },
    ],
    routes: [
      {
        from: 'public',
        match: { requestUri: '+49*@*', source: ['192.0.2.0/24', '2001:db8::/32'] },
        to: 'media',
        via: 'internal',
        shardGroup: 'premium',
      },
    ],
    targets: [
      {
        name: 'media',
        balance: 'CallId',
        addresses: ['10.0.3.10:5060', 'media.example;transport=tcp', '[2001:db8::2]:5060'],
        probe: { intervalSeconds: 5, timeoutSeconds: 2, failureThreshold: 3, successThreshold: 1 },
        credentials: { secretName: 'trunk' },
      },
      { name: 'pbx', service: { name: 'pbx', namespace: 'office', port: 'sip' } },
    ],
    service: {
      enabled: true,
      type: 'LoadBalancer',
      annotations: { cloud: 'x' },
      labels: { entry: 'yes' },
      externalTrafficPolicy: 'Local',
      loadBalancerClass: 'example.org/lb',
      loadBalancerSourceRanges: ['192.0.2.0/24'],
      listeners: ['public'],
    },
    networkPolicy: { enabled: true },
    keys: { meshSecret: 'mesh', tokenSecret: 'tokens', rotateEvery: '720h' },
    deletionWait: '1m',
    drain: { taints: ['example.org/going'] },
    replication: { factor: 2, durability: 'async', protectTimeout: '50ms' },
    rehoming: {
      method: 'Auto',
      legsPerSecond: 100,
      perPeer: { legsPerSecond: 50, maxInFlight: 10 },
    },
    failover: { suspectAfter: '1.5s', delay: '0s', trustReset: false, unreadyAfter: '5s' },
    rollout: { maxSurge: 0 },
    rebalance: { enabled: true, maxTagsInFlight: 2 },
    topologyHiding: { callId: 'mask' },
    sip: { t1: '500ms', t2: '4s', t4: '5s' },
    log: { level: 'debug' },
    limits: { maxDialogs: 1000, heldMessages: 100 },
  };
}

/** The same of a DialogShard. */
export function fullShardSpec(): Record<string, unknown> {
  return { clusterRef: 'edge', tag: 'edge-1', group: 'premium', preferredPods: ['edge-0', 'edge-1'] };
}

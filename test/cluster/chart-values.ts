/** Values by which a chart is tried. */
export interface ValuesCase {
  name: string;
  chart: 'rehome-operator' | 'rehome-cluster';
  values: Record<string, unknown>;
}

const EVERYWHERE = [{ operator: 'Exists' }];

const TO_MEDIA = {
  listeners: [
    { name: 'public', transports: ['UDP', 'TCP'], port: 5060 },
    { name: 'internal', transports: ['UDP'], port: 5070 },
  ],
  routes: [{ from: 'public', to: 'media', via: 'internal' }],
  targets: [
    { name: 'media', addresses: ['10.20.0.5:5060'] },
    {
      name: 'pbx',
      service: { name: 'pbx', namespace: 'voice', port: 'sip' },
      credentials: { secretName: 'trunk' },
    },
  ],
};

/** What people install the charts with: as it is, everything on, one namespace, no definitions, the nodes' network. */
export const VALUES_CASES: readonly ValuesCase[] = [
  { name: 'operator, defaults', chart: 'rehome-operator', values: {} },
  {
    name: 'operator, everything on',
    chart: 'rehome-operator',
    values: {
      replicaCount: 3,
      image: {
        repository: 'registry.example/rehome',
        digest: `sha256:${'0'.repeat(64)}`,
        pullPolicy: 'Always',
      },
      imagePullSecrets: [{ name: 'registry' }],
      logLevel: 'debug',
      rbac: { finalizers: true },
      serviceAccount: { name: 'rehome', annotations: { 'example.com/role': 'rehome' } },
      podDisruptionBudget: { maxUnavailable: '50%' },
      networkPolicy: {
        httpFrom: [{ namespaceSelector: { matchLabels: { monitoring: 'true' } } }],
        voteFrom: [{ ipBlock: { cidr: '10.0.0.0/24' } }],
        votePorts: 5,
      },
      podMonitor: { enabled: true, interval: '15s', labels: { release: 'prometheus' } },
      commonLabels: { team: 'telephony' },
      deploymentAnnotations: { 'example.com/owner': 'telephony' },
      podLabels: { tier: 'control' },
      podAnnotations: { 'example.com/scrape': 'true' },
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      tolerations: EVERYWHERE,
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/arch', operator: 'Exists' }] }],
          },
        },
      },
      topologySpreadConstraints: [
        { maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway' },
      ],
      priorityClassName: 'system-cluster-critical',
      extraEnv: [{ name: 'TZ', value: 'UTC' }],
      extraArgs: ['--identity', 'one'],
    },
  },
  {
    name: 'operator, one namespace, no cluster-wide rights',
    chart: 'rehome-operator',
    values: { watchNamespace: 'default', rbac: { nodes: false, aggregate: false }, crds: { enabled: false } },
  },
  {
    name: 'operator, nothing that may be left out',
    chart: 'rehome-operator',
    values: {
      replicaCount: 1,
      crds: { enabled: false },
      rbac: { create: false },
      serviceAccount: { create: false },
      podDisruptionBudget: { enabled: false },
      networkPolicy: { enabled: false },
      fullnameOverride: 'small',
      resources: {},
    },
  },
  { name: 'cluster, defaults', chart: 'rehome-cluster', values: {} },
  {
    name: 'cluster, one pod, no copies, a default taken away',
    chart: 'rehome-cluster',
    values: {
      spec: {
        ...TO_MEDIA,
        replicas: 1,
        shards: 1,
        podTemplate: { resources: { requests: { cpu: '1', memory: null }, limits: { cpu: '2' } } },
        replication: { factor: 0 },
      },
    },
  },
  {
    name: 'cluster, everything on',
    chart: 'rehome-cluster',
    values: {
      nameOverride: 'edge',
      labels: { team: 'telephony' },
      annotations: { 'example.com/owner': 'telephony' },
      image: { repository: 'registry.example/rehome', tag: '9.9.9' },
      spec: {
        ...TO_MEDIA,
        replicas: 5,
        shards: 40,
        nodeSelector: { 'kubernetes.io/os': 'linux' },
        replication: { factor: 2 },
        limits: { maxDialogs: 200_000 },
        rollout: { maxSurge: 1 },
        podTemplate: {
          labels: { tier: 'edge' },
          annotations: { 'example.com/scrape': 'true' },
          resources: { requests: { cpu: '500m', memory: '512Mi' }, limits: { memory: '1Gi' } },
          affinity: {
            nodeAffinity: {
              preferredDuringSchedulingIgnoredDuringExecution: [
                { weight: 1, preference: { matchExpressions: [{ key: 'sip', operator: 'Exists' }] } },
              ],
            },
          },
          tolerations: EVERYWHERE,
          topologySpreadConstraints: [
            { maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway' },
          ],
          priorityClassName: 'system-cluster-critical',
          serviceAccountName: 'edge',
          imagePullPolicy: 'Always',
          imagePullSecrets: ['registry'],
          env: [
            { name: 'TZ', value: 'UTC' },
            { name: 'ZONE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
          ],
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 2000,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containerSecurityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
        },
        service: {
          type: 'LoadBalancer',
          listeners: ['public'],
          annotations: { 'example.com/lb': 'internal' },
          labels: { entry: 'sip' },
          externalTrafficPolicy: 'Local',
          loadBalancerClass: 'example.com/lb',
          loadBalancerSourceRanges: ['198.51.100.0/24'],
        },
        keys: { meshSecret: 'edge-keys', rotateEvery: '720h' },
        deletionWait: '1m',
        drain: { taints: ['node.kubernetes.io/unschedulable', 'example.com/going'] },
        networkPolicy: { enabled: false },
      },
      dialogShards: { 'premium-0': { group: 'premium', preferredPods: ['edge-0'] }, 'premium-1': {} },
      podMonitor: { enabled: true, labels: { release: 'prometheus' } },
    },
  },
  {
    name: "cluster, the nodes' network",
    chart: 'rehome-cluster',
    values: {
      spec: { ...TO_MEDIA, hostNetwork: true, rollout: { maxSurge: 0 }, service: { enabled: false } },
    },
  },
];

import { list, MOST_ENTRIES, object, record } from './schema.ts';
import type { Field } from './schema.ts';
import { anyText, choice, cidr, flag, labelValue, metadataKey, name } from './schema-value.ts';
import type { EntryService } from './sip-cluster-type.ts';

/** The Service by which new calls come. */
export const service: Field<EntryService> = {
  schema: object<EntryService>({
    enabled: { schema: flag, doc: 'Whether the operator makes it.', fallback: true },
    type: {
      schema: choice(['ClusterIP', 'NodePort', 'LoadBalancer']),
      doc: 'From where it can be reached: from within the cluster, by a port of every node, or by a load balancer of the cloud.',
      fallback: 'ClusterIP',
    },
    annotations: {
      schema: record(anyText, { maxProperties: MOST_ENTRIES }),
      doc: 'Annotations of the Service, by which clouds take their settings.',
      fallback: {},
    },
    labels: {
      schema: record(labelValue, { maxProperties: MOST_ENTRIES }),
      doc: 'More labels of the Service.',
      fallback: {},
    },
    externalTrafficPolicy: {
      schema: choice(['Local', 'Cluster']),
      doc: 'Local keeps the source address of messages and leads to pods of the same node only; Cluster leads to any pod and hides the source. Without effect for ClusterIP.',
      fallback: 'Local',
    },
    loadBalancerClass: {
      schema: metadataKey,
      doc: 'Which implementation of load balancers makes it; with LoadBalancer only.',
      optional: true,
    },
    loadBalancerSourceRanges: {
      schema: list(cidr, 0, MOST_ENTRIES),
      doc: 'Networks in CIDR notation that may reach the load balancer, all if empty; with LoadBalancer only.',
      fallback: [],
    },
    listeners: {
      schema: list(name, 0, MOST_ENTRIES),
      doc: 'Names of the listeners that it leads to; all if empty.',
      fallback: [],
    },
  }),
  doc: 'The Service, named after the cluster, by which new calls reach any pod. What belongs to a call goes to the address that its pod advertises.',
  fallback: {},
};

import { list, object, record } from './schema.ts';
import type { Field } from './schema.ts';
import { anyText, choice, flag, labelValue, line, name, network } from './schema-value.ts';
import type { EntryService } from './sip-cluster-type.ts';

const MOST_ENTRIES = 64;

/** The Service by which new calls come. */
export const service: Field<EntryService> = {
  schema: object<EntryService>({
    enabled: { schema: flag, doc: 'Whether there is one.', fallback: true },
    type: {
      schema: choice(['ClusterIP', 'NodePort', 'LoadBalancer']),
      doc: 'How far it reaches.',
      fallback: 'ClusterIP',
    },
    annotations: { schema: record(anyText), doc: 'Annotations of the Service.', fallback: {} },
    labels: { schema: record(labelValue), doc: 'More labels of the Service.', fallback: {} },
    externalTrafficPolicy: {
      schema: choice(['Local', 'Cluster']),
      doc: 'Local keeps the source address of messages; not for ClusterIP.',
      fallback: 'Local',
    },
    loadBalancerClass: { schema: line, doc: 'Which load balancer makes it.', optional: true },
    loadBalancerSourceRanges: {
      schema: list(network, 0, MOST_ENTRIES),
      doc: 'Networks that may reach the load balancer; all if empty.',
      fallback: [],
    },
    listeners: {
      schema: list(name, 0, MOST_ENTRIES),
      doc: 'Listeners that it leads to; all if empty.',
      fallback: [],
    },
  }),
  doc: 'The Service, named after the cluster, by which new calls reach any pod; messages in calls go to their pod.',
  fallback: {},
};

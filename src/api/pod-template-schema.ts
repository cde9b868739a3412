import { isPlainObject, list, MOST_ENTRIES, object, record, Refusal, typeName, value } from './schema.ts';
import type { Field, Fields, Schema } from './schema.ts';
import { anyText, choice, integer, labelValue, metadataKey, objectName, textAs } from './schema-value.ts';
import type { ExtraEnv, PassedOn, PodTemplate, Toleration, TopologySpread } from './sip-cluster-type.ts';

/** Seconds of a year: longer is for ever. */
const LONGEST_TOLERATION = 31_536_000;
const ENV_NAME = '^[-._a-zA-Z][-._a-zA-Z0-9]*$';
const ENV_NAME_PATTERN = new RegExp(ENV_NAME);
/** resource.Quantity of Kubernetes: a number, perhaps with an exponent or a suffix of tens or of twos: 500m, 1.5, 256Mi. */
const QUANTITY = '^\\+?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([eE][+-]?[0-9]+|[numkMGTPE]|[KMGTPE]i)?$';
const QUANTITY_PATTERN = new RegExp(QUANTITY);
const LONGEST_QUANTITY = 32;

/** An object in Kubernetes' own words, which the API server judges when a pod is made. */
const passedOn: Schema<PassedOn> = value({ type: 'object', additionalProperties: true }, (given) =>
  isPlainObject(given) ? given : new Refusal('CONFIG_TYPE', `must be an object, is ${typeName(given)}`),
);

/** A whole number needs no quotes, as in a PodSpec; the API server takes no other number where it takes a text too. */
const quantity: Schema<string> = value(
  {
    'x-kubernetes-int-or-string': true,
    minimum: 0,
    maximum: Number.MAX_SAFE_INTEGER,
    ...{ pattern: QUANTITY, maxLength: LONGEST_QUANTITY },
  },
  (given) => {
    if (typeof given === 'number' && Number.isSafeInteger(given) && given >= 0) return String(given);
    if (typeof given === 'string' && given.length <= LONGEST_QUANTITY && QUANTITY_PATTERN.test(given))
      return given;
    const found = typeof given === 'object' ? typeName(given) : JSON.stringify(given);
    return new Refusal('CONFIG_VALUE', `must be a quantity such as 2, "0.5", 500m or 256Mi, is ${found}`);
  },
);

const envName: Schema<string> = textAs(
  'the name of an environment variable',
  (text) => (ENV_NAME_PATTERN.test(text) ? text : undefined),
  { pattern: ENV_NAME, maxLength: 253 },
);

const toleration: Fields<Toleration> = {
  key: { schema: metadataKey, doc: 'Key of the taint; any if left out.', optional: true },
  operator: {
    schema: choice(['Exists', 'Equal']),
    doc: 'Whether the value counts; Equal if left out.',
    optional: true,
  },
  value: { schema: labelValue, doc: 'Value of the taint, with Equal.', optional: true },
  effect: {
    schema: choice(['NoSchedule', 'PreferNoSchedule', 'NoExecute']),
    doc: 'Effect of the taint; any if left out.',
    optional: true,
  },
  tolerationSeconds: {
    schema: integer(0, LONGEST_TOLERATION),
    doc: 'Seconds that a pod stays on a node with a NoExecute taint; for ever if left out.',
    optional: true,
  },
};

const topologySpread: Fields<TopologySpread> = {
  maxSkew: { schema: integer(1, MOST_ENTRIES), doc: 'Pods by which two domains may differ.', fallback: 1 },
  topologyKey: { schema: metadataKey, doc: 'Label of nodes whose values are the domains.' },
  whenUnsatisfiable: {
    schema: choice(['DoNotSchedule', 'ScheduleAnyway']),
    doc: 'What becomes of a pod that would break the rule.',
    fallback: 'ScheduleAnyway',
  },
};

const env: Fields<ExtraEnv> = {
  name: { schema: envName, doc: 'Name of the variable.' },
  value: { schema: anyText, doc: 'Its value.', optional: true },
  valueFrom: { schema: passedOn, doc: 'Where its value comes from (core/v1 EnvVarSource).', optional: true },
};

/** What pods carry beside what the operator says. */
export const podTemplate: Field<PodTemplate> = {
  schema: object<PodTemplate>({
    labels: {
      schema: record(labelValue, { maxProperties: MOST_ENTRIES }),
      doc: 'More labels of the pods; those of the operator itself, sip.rehome.dev/, are not for users.',
      fallback: {},
    },
    annotations: {
      schema: record(anyText, { maxProperties: MOST_ENTRIES }),
      doc: 'More annotations of the pods; those of the operator itself, sip.rehome.dev/, are not for users.',
      fallback: {},
    },
    resources: {
      schema: object<PodTemplate['resources']>({
        requests: {
          schema: record(quantity, { maxProperties: MOST_ENTRIES }),
          doc: 'What the scheduler sets aside for a pod. A pod without a request of CPU gets none on a full node, and the others may take it for dead.',
          optional: true,
        },
        limits: {
          schema: record(quantity, { maxProperties: MOST_ENTRIES }),
          doc: 'What a pod may use at most. A limit of CPU makes pauses that the others may take for a death.',
          optional: true,
        },
      }),
      doc: 'CPU and memory of a pod, in quantities such as 500m and 256Mi.',
      fallback: {},
    },
    affinity: {
      schema: passedOn,
      doc: 'Which nodes and neighbours the pods want (core/v1 Affinity); apart from each other if left out.',
      optional: true,
    },
    tolerations: {
      schema: list(object<Toleration>(toleration), 0, MOST_ENTRIES),
      doc: 'Taints of nodes that do not keep the pods away.',
      fallback: [],
    },
    topologySpreadConstraints: {
      schema: list(object<TopologySpread>(topologySpread), 0, MOST_ENTRIES),
      doc: 'How the pods are spread over nodes and zones; the pods of this cluster are counted.',
      fallback: [],
    },
    priorityClassName: { schema: objectName, doc: 'PriorityClass of the pods.', optional: true },
    serviceAccountName: {
      schema: objectName,
      doc: 'ServiceAccount of the pods; its token is not mounted.',
      optional: true,
    },
    imagePullPolicy: {
      schema: choice(['Always', 'IfNotPresent', 'Never']),
      doc: "When the image is pulled; Kubernetes' own rule if left out.",
      optional: true,
    },
    imagePullSecrets: {
      schema: list(objectName, 0, MOST_ENTRIES),
      doc: 'Names of Secrets with credentials of the registry.',
      fallback: [],
    },
    env: {
      schema: list(object<ExtraEnv>(env), 0, MOST_ENTRIES),
      doc: 'More environment variables of the proxy; those that the operator sets itself, such as POD_NAME, stay as they are.',
      fallback: [],
    },
    securityContext: {
      schema: passedOn,
      doc: 'core/v1 PodSecurityContext; what Pod Security restricted asks for if left out.',
      optional: true,
    },
    containerSecurityContext: {
      schema: passedOn,
      doc: 'core/v1 SecurityContext of the proxy; what Pod Security restricted asks for if left out.',
      optional: true,
    },
  }),
  doc: 'What the pods carry besides, in the words of a PodSpec. A change replaces them one at a time, with their calls moved first. What the API server refuses of it is an Event (PodRefused), and the pods that are there go on.',
  fallback: {},
};

import { memberOf, type JsonObject, type StoredObject } from './json.ts';

/** The scale subresource of an object (autoscaling/v1). */
export function scaleOf(object: StoredObject): JsonObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  return {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: memberOf(object['spec'], 'replicas') ?? 0 },
    status: {
      replicas: memberOf(object['status'], 'replicas') ?? 0,
      selector: memberOf(object['status'], 'selector') ?? '',
    },
  };
}

/** The object with the number of replicas that `scale` wishes. */
export function scaledTo(object: StoredObject, scale: JsonObject): JsonObject {
  const replicas = memberOf(scale['spec'], 'replicas');
  return { ...object, spec: { ...(object['spec'] as JsonObject | undefined), replicas } };
}

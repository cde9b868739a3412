import type { KubeObject } from '../../api/object-type.ts';
import { KubeError, type ResourceKind } from '../../kube/api.ts';
import type { Pod } from '../../kube/objects.ts';
import { isObject, memberOf, type JsonObject } from './json.ts';

/** core/v1: says on which node a pod runs. `metadata` names the pod, and with a uid that very one. */
export interface Binding extends KubeObject {
  kind: 'Binding';
  target: { kind: 'Node'; name: string };
}

/** A Binding is only ever created, and is no object afterwards. */
export const BINDINGS: ResourceKind<Binding> = {
  group: '',
  version: 'v1',
  kind: 'Binding',
  plural: 'bindings',
  namespaced: true,
};

export function isBinding(object: KubeObject): object is Binding {
  return object.kind === 'Binding';
}

/** The binding of a pod to a node, for that very pod. */
export function bindingOf({ metadata }: Pod, node: string): Binding {
  const { namespace = '', name, uid = '' } = metadata;
  return {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { namespace, name, uid },
    target: { kind: 'Node', name: node },
  };
}

/** The pod as it is once bound. Throws `Conflict` if it is bound, being deleted, or another one than was meant. */
export function boundPod(pod: JsonObject, { metadata, target }: Binding): JsonObject {
  const uid = memberOf(pod['metadata'], 'uid');
  const node = memberOf(pod['spec'], 'nodeName');
  if (metadata.uid !== undefined && metadata.uid !== uid)
    throw conflict(metadata.name, `has the uid ${String(uid)}, not ${metadata.uid}`);
  if (memberOf(pod['metadata'], 'deletionTimestamp') !== undefined)
    throw conflict(metadata.name, 'is being deleted, cannot be assigned to a host');
  if (node !== undefined)
    throw conflict(metadata.name, `is already assigned to node ${JSON.stringify(node)}`);
  const { spec } = pod;
  return { ...pod, spec: { ...(isObject(spec) ? spec : {}), nodeName: target.name } };
}

function conflict(name: string, why: string): KubeError {
  return new KubeError(409, 'Conflict', `pod "${name}" ${why}`);
}

import { KubeError, type ResourceKind } from '../../kube/api.ts';
import { apiVersionOf } from '../../kube/resource-path.ts';
import { isObject, memberOf, sameJson, type JsonObject, type StoredObject } from './json.ts';

/** Says what is wrong with an object, one text each; `old` is the object before a change. */
export type Validate = (kind: ResourceKind, object: StoredObject, old: StoredObject | undefined) => string[];

/** RFC 1123 subdomain, as Kubernetes names most objects. */
const NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;

/** Throws `BadRequest` unless a body is an object of this kind. */
export function checkBody(kind: ResourceKind, body: unknown): asserts body is JsonObject {
  if (!isObject(body)) throw badRequest('the body is no object');
  const apiVersion = apiVersionOf(kind);
  if (body['apiVersion'] !== apiVersion || body['kind'] !== kind.kind)
    throw badRequest(`the object is no ${apiVersion} ${kind.kind}`);
  if (typeof memberOf(body['metadata'], 'name') !== 'string')
    throw badRequest('the object has no metadata.name');
}

function badRequest(reason: string): KubeError {
  return new KubeError(400, 'BadRequest', reason);
}

/** What is wrong with an object of any kind, before anybody else looks at it. */
export function structuralProblems(
  kind: ResourceKind,
  object: StoredObject,
  old: StoredObject | undefined,
): string[] {
  const problems: string[] = [];
  const { name, namespace } = object.metadata;
  if (!NAME.test(name)) problems.push(`metadata.name: Invalid value: "${name}"`);
  if (kind.namespaced && !namespace) problems.push('metadata.namespace: Required value');
  if (!kind.namespaced && namespace) problems.push('metadata.namespace: Forbidden: not namespaced');
  for (const part of ['labels', 'annotations'])
    if (!isTextMap(memberOf(object.metadata, part)))
      problems.push(`metadata.${part}: Invalid value: must map text to text`);
  if (kind.kind === 'Pod' && old !== undefined) problems.push(...podChangeProblems(object, old));
  return problems;
}

function isTextMap(value: unknown): boolean {
  return (
    value === undefined || (isObject(value) && Object.values(value).every((text) => typeof text === 'string'))
  );
}

/** A pod's spec stays as it is but for its images, and its node once. */
function podChangeProblems(pod: StoredObject, old: StoredObject): string[] {
  const before = podTemplate(old['spec']);
  const after = podTemplate(pod['spec']);
  const moved = before.node !== undefined && after.node !== before.node;
  if (!moved && sameJson(before.rest, after.rest)) return [];
  return ['spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`'];
}

function podTemplate(spec: unknown): { node: unknown; rest: JsonObject } {
  if (!isObject(spec)) return { node: undefined, rest: {} };
  const { nodeName, containers, ...rest } = spec;
  const plain = Array.isArray(containers)
    ? containers.map((container: unknown) => (isObject(container) ? { ...container, image: '' } : container))
    : containers;
  return { node: nodeName, rest: { ...rest, containers: plain } };
}

/** Throws `Invalid` with all problems. */
export function refuseInvalid(kind: ResourceKind, name: string, problems: readonly string[]): void {
  if (problems.length === 0) return;
  const what = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;
  throw new KubeError(422, 'Invalid', `${what} "${name}" is invalid: ${problems.join(', ')}`);
}

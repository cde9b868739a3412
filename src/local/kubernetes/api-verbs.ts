import { parse } from 'yaml';
import type { KubeObject } from '../../api/object-type.ts';
import { KubeError, type JsonPatchOperation, type Subresource } from '../../kube/api.ts';
import { apiVersionOf } from '../../kube/resource-path.ts';
import { isObject, memberOf } from './json.ts';
import type { MemoryKubernetes } from './memory-api.ts';
import { requestSelection } from './request-selection.ts';
import { targetRef, type ResourceTarget } from './request-path.ts';

/** A request as the verbs see it. */
export interface VerbRequest {
  method: string;
  target: ResourceTarget;
  query: URLSearchParams;
  contentType: string;
  /** Undefined if there is none. */
  body: unknown;
}

/** An answer: its code and what is written as JSON. */
export interface Answer {
  code: number;
  body: unknown;
}

/** Reads a body by its type; `BadRequest` if it cannot be read. */
export function parsedBody(contentType: string, text: string): unknown {
  if (text === '') return undefined;
  try {
    return contentType.includes('yaml') ? parse(text) : JSON.parse(text);
  } catch (error) {
    throw new KubeError(
      400,
      'BadRequest',
      `the body cannot be read: ${error instanceof Error ? error.message : ''}`,
    );
  }
}

/** Carries out one request that is no watch. */
export async function carryOut(api: MemoryKubernetes, request: VerbRequest): Promise<Answer> {
  // A write that was to be only tried must not take place.
  if (request.query.has('dryRun') || memberOf(request.body, 'dryRun') !== undefined)
    throw new KubeError(400, 'BadRequest', 'dryRun is not supported');
  const { method, target } = request;
  if (method === 'GET') return { code: 200, body: await read(api, request) };
  if (method === 'POST') return target.part === 'eviction' ? evict(api, request) : create(api, request);
  if (target.name === undefined) throw notAllowed(method);
  if (method === 'PATCH') return { code: 200, body: await patch(api, request) };
  if (method === 'PUT') return { code: 200, body: await replace(api, request) };
  if (method === 'DELETE') return remove(api, request);
  throw notAllowed(method);
}

async function read(api: MemoryKubernetes, { target, query }: VerbRequest): Promise<unknown> {
  const { kind, name, part } = target;
  if (name !== undefined)
    return subresourceOf(part) === 'scale'
      ? api.getScale(kind, targetRef(target))
      : api.get(kind, targetRef(target));
  const { items, resourceVersion } = await api.list(kind, requestSelection(target.namespace, query));
  return {
    apiVersion: apiVersionOf(kind),
    kind: `${kind.kind}List`,
    metadata: { resourceVersion },
    items,
  };
}

async function create(api: MemoryKubernetes, { target, body }: VerbRequest): Promise<Answer> {
  if (target.name !== undefined) throw notAllowed('POST');
  return { code: 201, body: await api.create(target.kind, placed(target, body)) };
}

async function evict(api: MemoryKubernetes, { target, body }: VerbRequest): Promise<Answer> {
  await api.evict(targetRef(target), graceIn(memberOf(body, 'deleteOptions')));
  return { code: 201, body: success() };
}

function patch(api: MemoryKubernetes, request: VerbRequest): Promise<unknown> {
  const { target, query, contentType, body } = request;
  const subresource = subresourceOf(target.part);
  const part = subresource === undefined ? {} : { subresource };
  const [type = ''] = contentType.split(';');
  if (type === 'application/apply-patch+yaml') {
    const fieldManager = query.get('fieldManager') ?? '';
    if (fieldManager === '')
      throw new KubeError(400, 'BadRequest', 'fieldManager is required for apply patch');
    const force = query.get('force') === 'true';
    return api.apply(target.kind, placed(target, body), { fieldManager, force, ...part });
  }
  if (type === 'application/json-patch+json')
    return api.patch(target.kind, targetRef(target), operationsIn(body), part);
  const lists = LISTS[type];
  if (lists === undefined) throw new KubeError(415, 'BadRequest', `a patch cannot be ${type}`);
  return api.mergePatch(target.kind, targetRef(target), { body, lists, ...part });
}

const LISTS: Readonly<Record<string, 'replace' | 'by-key'>> = {
  'application/merge-patch+json': 'replace',
  'application/strategic-merge-patch+json': 'by-key',
};

function replace(api: MemoryKubernetes, { target, body }: VerbRequest): Promise<unknown> {
  return api.replace(target.kind, targetRef(target), body, subresourceOf(target.part));
}

async function remove(api: MemoryKubernetes, { target, query, body }: VerbRequest): Promise<Answer> {
  const asked = query.get('gracePeriodSeconds');
  const uid = memberOf(memberOf(body, 'preconditions'), 'uid');
  await api.delete(target.kind, targetRef(target), {
    ...(asked === null ? graceIn(body) : { gracePeriodSeconds: Number(asked) }),
    ...(typeof uid === 'string' ? { uid } : {}),
  });
  return { code: 200, body: success() };
}

/** An object that names neither is of the namespace and name of the path. */
function placed(target: ResourceTarget, body: unknown): KubeObject {
  if (!isObject(body)) throw new KubeError(400, 'BadRequest', 'the body is no object');
  const given = isObject(body['metadata']) ? body['metadata'] : {};
  const metadata = {
    ...(target.namespace === '' ? {} : { namespace: target.namespace }),
    ...(target.name === undefined ? {} : { name: target.name }),
    ...given,
  };
  if (target.namespace !== '' && metadata.namespace !== target.namespace)
    throw new KubeError(400, 'BadRequest', 'the namespace of the object is not that of the request');
  if (target.name !== undefined && metadata.name !== target.name)
    throw new KubeError(400, 'BadRequest', 'the name of the object is not that of the request');
  // What the members are is checked where they are stored.
  return { ...body, metadata } as unknown as KubeObject;
}

function operationsIn(body: unknown): JsonPatchOperation[] {
  const known = ['add', 'replace', 'test', 'remove'];
  const isOperation = (each: unknown): boolean =>
    known.includes(String(memberOf(each, 'op'))) && typeof memberOf(each, 'path') === 'string';
  if (!Array.isArray(body) || !body.every(isOperation))
    throw new KubeError(400, 'BadRequest', 'a JSON patch is a list of add, replace, test and remove');
  return body as JsonPatchOperation[];
}

function graceIn(options: unknown): { gracePeriodSeconds?: number } {
  const seconds = memberOf(options, 'gracePeriodSeconds');
  return typeof seconds === 'number' ? { gracePeriodSeconds: seconds } : {};
}

function subresourceOf(part: string | undefined): Subresource | undefined {
  if (part === undefined || part === 'status' || part === 'scale') return part;
  throw new KubeError(404, 'NotFound', `there is no subresource ${part}`);
}

function success(): unknown {
  return { apiVersion: 'v1', kind: 'Status', status: 'Success' };
}

function notAllowed(method: string): KubeError {
  return new KubeError(405, 'BadRequest', `${method} is not supported here`);
}

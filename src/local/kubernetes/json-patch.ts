import type { JsonPatchOperation } from '../../kube/api.ts';
import { KubeError } from '../../kube/api.ts';
import { copyJson, isObject, sameJson, type JsonObject } from './json.ts';

/** A copy of `document` with the operations done in order (RFC 6902); `Invalid` (422) if one cannot be done or a test fails. */
export function jsonPatched(document: unknown, operations: readonly JsonPatchOperation[]): unknown {
  // A holder above the document makes the document itself one more member.
  const holder: JsonObject = { document: copyJson(document) };
  for (const operation of operations) perform(holder, operation);
  return holder['document'];
}

function perform(holder: JsonObject, operation: JsonPatchOperation): void {
  const tokens = ['document', ...tokensOf(operation)];
  const last = tokens.pop() ?? '';
  const parent = tokens.reduce<unknown>((value, token) => childOf(value, token, operation), holder);
  if (Array.isArray(parent)) performInList(parent, last, operation);
  else if (isObject(parent)) performInObject(parent, last, operation);
  else throw impossible(operation, 'its parent is neither an object nor a list');
}

function performInObject(parent: JsonObject, name: string, operation: JsonPatchOperation): void {
  if (operation.op !== 'add' && !Object.hasOwn(parent, name))
    throw impossible(operation, 'there is no such field');
  if (operation.op === 'remove') Reflect.deleteProperty(parent, name);
  else if (operation.op === 'test') check(parent[name], operation);
  else parent[name] = copyJson(operation.value);
}

function performInList(list: unknown[], token: string, operation: JsonPatchOperation): void {
  const index = indexIn(list, token, operation);
  if (operation.op === 'add') list.splice(index, 0, copyJson(operation.value));
  else if (operation.op === 'remove') list.splice(index, 1);
  else if (operation.op === 'test') check(list[index], operation);
  else list[index] = copyJson(operation.value);
}

// RFC 6901 §4: '-' is the place behind the last item.
function indexIn(list: readonly unknown[], token: string, operation: JsonPatchOperation): number {
  const bound = operation.op === 'add' ? list.length : list.length - 1;
  const index = token === '-' ? list.length : /^(0|[1-9]\d*)$/.test(token) ? Number(token) : NaN;
  if (!(index <= bound)) throw impossible(operation, 'there is no such item');
  return index;
}

function childOf(value: unknown, token: string, operation: JsonPatchOperation): unknown {
  const child = Array.isArray(value)
    ? (value as unknown[])[Number(token)]
    : isObject(value) && Object.hasOwn(value, token)
      ? value[token]
      : undefined;
  if (child === undefined) throw impossible(operation, 'there is no such path');
  return child;
}

function check(found: unknown, operation: { path: string; value: unknown }): void {
  if (sameJson(found, operation.value)) return;
  throw new KubeError(
    422,
    'Invalid',
    `the server rejected our request: testing value ${operation.path} failed`,
  );
}

// RFC 6901 §3 and §4.
function tokensOf(operation: JsonPatchOperation): string[] {
  if (operation.path === '') return [];
  if (!operation.path.startsWith('/')) throw impossible(operation, 'a path begins with /');
  return operation.path
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function impossible(operation: JsonPatchOperation, reason: string): KubeError {
  return new KubeError(422, 'Invalid', `${operation.op} ${operation.path}: ${reason}`);
}

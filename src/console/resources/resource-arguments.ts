import type { KubeObject } from '../../api/object-type.ts';
import type { KubeApi, ObjectRef, ResourceKind } from '../../kube/api.ts';
import { UsageError } from '../usage-error.ts';
import { kindNamed } from './resource-kinds.ts';

/** An object that a command line names. */
export interface NamedResource {
  kind: ResourceKind;
  name: string;
}

/** Reads `KIND NAME...`, `KIND,KIND` and `KIND/NAME...`; a kind without names means all of it. Throws UsageError. */
export function readResources(words: readonly string[]): { kinds: ResourceKind[]; named: NamedResource[] } {
  const [first = '', ...names] = words;
  if (first === '') throw new UsageError('the kind of resource is missing');
  if (first.includes('/')) return { kinds: [], named: words.map(readNamed) };
  const kinds = first.split(',').map(kindNamed);
  const [kind] = kinds;
  if (names.length === 0 || kind === undefined) return { kinds, named: [] };
  if (kinds.length > 1) throw new UsageError('names go with one kind only');
  return { kinds: [], named: names.map((name) => ({ kind, name })) };
}

/** Reads `KIND/NAME` or `KIND NAME` at the start of a command line; what follows is the rest. Throws UsageError. */
export function readResource(words: readonly string[]): { resource: NamedResource; rest: string[] } {
  const [first = '', second, ...others] = words;
  if (first.includes('/')) return { resource: readNamed(first), rest: words.slice(1) };
  if (first === '') throw new UsageError('KIND NAME is missing');
  const kind = kindNamed(first);
  if (second === undefined) throw new UsageError(`the name of the ${kind.kind} is missing`);
  return { resource: { kind, name: second }, rest: others };
}

function readNamed(word: string): NamedResource {
  const [kind = '', name = '', ...more] = word.split('/');
  if (name === '' || more.length > 0) throw new UsageError(`not KIND/NAME: ${word}`);
  return { kind: kindNamed(kind), name };
}

/** The reference to an object in a namespace, or in none if its kind has none. */
export function refTo({ kind, name }: NamedResource, namespace: string): ObjectRef {
  return { name, namespace: kind.namespaced ? namespace : '' };
}

/** Gets an object. Rejects with KubeError. */
export function getResource(api: KubeApi, resource: NamedResource, namespace: string): Promise<KubeObject> {
  return api.get(resource.kind, refTo(resource, namespace));
}

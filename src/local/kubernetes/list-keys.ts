import { isObject, type JsonObject } from './json.ts';

/** Lists whose items are known by some of their fields, by the list's own name (`x-kubernetes-list-map-keys`). */
const LIST_KEYS: Readonly<Record<string, readonly string[]>> = {
  conditions: ['type'],
  containerStatuses: ['name'],
  containers: ['name'],
  env: ['name'],
  initContainers: ['name'],
  listeners: ['name'],
  ownerReferences: ['uid'],
  ports: ['containerPort', 'protocol'],
  targets: ['name'],
  volumeMounts: ['mountPath'],
  volumes: ['name'],
};

/** A list whose items have keys; `keyOf` an item is its text. */
export interface KeyedList {
  items: readonly JsonObject[];
  keyOf(item: JsonObject): string;
}

/** The items with their keys, or undefined for a list that is one value: of another name, or with missing or repeated keys. */
export function keyedList(name: string, value: unknown): KeyedList | undefined {
  const names = LIST_KEYS[name];
  if (names === undefined || !Array.isArray(value) || !value.every(isObject)) return undefined;
  const keyOf = (item: JsonObject): string => JSON.stringify(names.map((key) => item[key] ?? null));
  const [first = ''] = names;
  const keys = new Set(value.map(keyOf));
  if (keys.size < value.length || value.some((item) => item[first] === undefined)) return undefined;
  return { items: value, keyOf };
}

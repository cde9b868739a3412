import { copyJson, isObject, sameJson, type JsonObject } from './json.ts';
import { keyedList } from './list-keys.ts';

/** A step towards a field: its name, or the key of an item of a list. */
type Step = string | { item: string };

/** Where a field is: its steps as JSON, so that it can be a key. */
type FieldPath = string;

/** The fields of an object: each leaf, and each item of a list with keys, with its value. */
export type Fields = ReadonlyMap<FieldPath, unknown>;

/** Which manager applied which fields of an object, as far as they are still its own. */
export type ManagedFields = ReadonlyMap<string, ReadonlySet<FieldPath>>;

/** All fields of an object. */
export function fieldsOf(object: JsonObject): Fields {
  const fields = new Map<FieldPath, unknown>();
  collectMembers([], object, fields);
  return fields;
}

function collect(steps: readonly Step[], value: unknown, fields: Map<FieldPath, unknown>): void {
  const list = keyedList(lastName(steps), value);
  if (list !== undefined) {
    for (const item of list.items) {
      const path = [...steps, { item: list.keyOf(item) }];
      fields.set(JSON.stringify(path), null);
      collectMembers(path, item, fields);
    }
  } else if (isObject(value) && Object.keys(value).length > 0) collectMembers(steps, value, fields);
  else fields.set(JSON.stringify(steps), value);
}

function collectMembers(steps: readonly Step[], object: JsonObject, fields: Map<FieldPath, unknown>): void {
  for (const [name, value] of Object.entries(object))
    if (value !== undefined) collect([...steps, name], value, fields);
}

function lastName(steps: readonly Step[]): string {
  const last = steps.at(-1);
  return typeof last === 'string' ? last : '';
}

/** Paths of `after` that `before` lacks or has with another value, and those that only `before` has. */
export function changedFields(before: Fields, after: Fields): Set<FieldPath> {
  const changed = new Set<FieldPath>();
  for (const [path, value] of after)
    if (!before.has(path) || !sameJson(before.get(path), value)) changed.add(path);
  for (const path of before.keys()) if (!after.has(path)) changed.add(path);
  return changed;
}

/** The same without `paths`: somebody else wrote them; `except` keeps its own. */
export function disowned(
  managed: ManagedFields,
  paths: ReadonlySet<FieldPath>,
  except?: string,
): ManagedFields {
  return new Map(
    [...managed].map(([manager, own]) => [
      manager,
      manager === except ? own : new Set([...own].filter((path) => !paths.has(path))),
    ]),
  );
}

/** Managers other than `manager` that applied one of the fields with another value than `wanted` has. */
export function conflictingManagers(
  managed: ManagedFields,
  manager: string,
  live: Fields,
  wanted: Fields,
): string[] {
  const differing = [...wanted].filter(([path, value]) => live.has(path) && !sameJson(live.get(path), value));
  return [...managed]
    .filter(([other, own]) => other !== manager && differing.some(([path]) => own.has(path)))
    .map(([other]) => other);
}

/** The fields that `manager` applied before, does not name any more, and that are no other manager's. */
export function abandonedFields(managed: ManagedFields, manager: string, wanted: Fields): FieldPath[] {
  const others = [...managed].filter(([other]) => other !== manager).map(([, own]) => own);
  return [...(managed.get(manager) ?? [])].filter(
    (path) => !wanted.has(path) && !others.some((own) => own.has(path)),
  );
}

/** A copy without the fields at `paths`; objects and lists that become empty by it go too. */
export function withoutFields(object: JsonObject, paths: readonly FieldPath[]): JsonObject {
  const result = copyJson(object);
  // An item goes as a whole, before what is in it: a list whose items lost their keys would be one value.
  const outermostFirst = paths.map((path) => JSON.parse(path) as Step[]).sort((a, b) => a.length - b.length);
  for (const steps of outermostFirst) removeAt(result, '', steps);
  return result;
}

/** Removes the field below `value`, which is called `name`; whether `value` became empty by it. */
function removeAt(value: unknown, name: string, steps: readonly Step[]): boolean {
  const [step, ...rest] = steps;
  const child = step === undefined ? undefined : childAt(value, name, step);
  if (step === undefined || child === undefined) return false;
  const childName = typeof step === 'string' ? step : '';
  if (rest.length > 0 && !removeAt(child, childName, rest)) return false;
  removeChild(value, step, child);
  return isEmpty(value);
}

function childAt(value: unknown, name: string, step: Step): unknown {
  if (typeof step === 'string')
    return isObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
  const list = keyedList(name, value);
  return list?.items.find((item) => list.keyOf(item) === step.item);
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0;
}

function removeChild(parent: unknown, step: Step, child: unknown): void {
  if (Array.isArray(parent)) parent.splice(parent.indexOf(child), 1);
  else if (isObject(parent) && typeof step === 'string') Reflect.deleteProperty(parent, step);
}

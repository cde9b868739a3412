/** Whether two plain values are the same whatever the order of their keys; a key that is undefined counts as absent. */
export function isEqual(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  if (!isComposite(left) || !isComposite(right)) return false;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const keys = definedKeys(left);
  return keys.length === definedKeys(right).length && keys.every((key) => isEqual(left[key], right[key]));
}

function isComposite(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function definedKeys(value: Record<string, unknown>): string[] {
  return Object.keys(value).filter((key) => value[key] !== undefined);
}

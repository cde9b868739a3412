/**
 * Whether everything that `wanted` says is so in `live`. What others have set or filled in beside does not count, but for items
 * of lists, which are compared whatever their order.
 */
export function isSaid(wanted: unknown, live: unknown): boolean {
  if (Object.is(wanted, live)) return true;
  if (Array.isArray(wanted)) return Array.isArray(live) && isSaidOfList(wanted, live);
  if (!isObject(wanted) || !isObject(live)) return false;
  return Object.entries(wanted).every(([key, value]) => value === undefined || isSaid(value, live[key]));
}

function isSaidOfList(wanted: readonly unknown[], live: readonly unknown[]): boolean {
  return wanted.length === live.length && wanted.every((item) => live.some((each) => isSaid(item, each)));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

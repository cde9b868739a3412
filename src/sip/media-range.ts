/** Whether an Accept list (RFC 3261 §20.1), `type/subtype` with wildcards and parameters, takes one of the types. */
export function acceptsAny(ranges: readonly string[], types: readonly string[]): boolean {
  return ranges.some((range) => types.some((type) => isInRange(mediaType(range), mediaType(type))));
}

/** Type and subtype of a Content-Type or Accept element in lower case, parameters left out. */
export function mediaType(value: string): string {
  const semicolon = value.indexOf(';');
  const type = semicolon < 0 ? value : value.slice(0, semicolon);
  return type
    .replace(/\s*\/\s*/, '/')
    .trim()
    .toLowerCase();
}

function isInRange(range: string, type: string): boolean {
  if (range === '*/*' || range === type) return true;
  return range.endsWith('/*') && type.startsWith(range.slice(0, -1));
}

/** Parameters by lower-case name; a parameter without a value has ''. */
export type Params = ReadonlyMap<string, string>;

/** Reads `;name=value` parameters from `at` on; undefined when malformed. */
export function parseParams(text: string, at: number): Params | undefined {
  const params = new Map<string, string>();
  let from = at;
  while (from < text.length) {
    const end = endOfParam(text, from);
    const part = text.slice(from, end).trim();
    from = end + 1;
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = (equals < 0 ? part : part.slice(0, equals)).trim().toLowerCase();
    if (name === '' || name.includes(' ')) return undefined;
    if (!params.has(name)) params.set(name, equals < 0 ? '' : part.slice(equals + 1).trim());
  }
  return params;
}

function endOfParam(text: string, from: number): number {
  let quoted = false;
  for (let at = from; at < text.length; at++) {
    const character = text.charAt(at);
    if (quoted && character === '\\') at++;
    else if (character === '"') quoted = !quoted;
    else if (character === ';' && !quoted) return at;
  }
  return text.length;
}

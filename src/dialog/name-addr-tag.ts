const TAG_PARAMETER = /;\s*tag\s*=\s*[^;,\s]*/i;

/** A From or To value without its tag parameter, the other bytes as they are. */
export function withoutTag(value: string): string {
  const start = parametersStart(value);
  return value.slice(0, start) + value.slice(start).replace(TAG_PARAMETER, '').trimEnd();
}

/** A From or To value with a tag; '' is no tag yet (RFC 3261 §8.1.1.2). */
export function withTag(value: string, tag: string): string {
  return tag === '' ? value : `${value};tag=${tag}`;
}

/** Header parameters begin after the closing bracket; without brackets every parameter is the header's (RFC 3261 §20.10). */
function parametersStart(value: string): number {
  let quoted = false;
  for (let at = 0; at < value.length; at++) {
    const character = value.charAt(at);
    if (quoted && character === '\\') at++;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && character === '<') return value.indexOf('>', at) + 1;
  }
  return 0;
}

/** Cuts a comma list outside quotes and angle brackets, and adds its trimmed elements to `into`. */
export function splitList(value: string, into: string[]): string[] {
  if (!value.includes(',')) {
    if (value !== '') into.push(value);
    return into;
  }
  let start = 0;
  let quoted = false;
  let bracketed = false;
  for (let at = 0; at < value.length; at++) {
    const character = value.charAt(at);
    if (quoted && character === '\\') at++;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && character === '<') bracketed = true;
    else if (!quoted && character === '>') bracketed = false;
    else if (character === ',' && !quoted && !bracketed) {
      into.push(value.slice(start, at).trim());
      start = at + 1;
    }
  }
  into.push(value.slice(start).trim());
  return into;
}

import { parseParams, type Params } from './params.ts';

/** A From, To, Contact or Route value. */
export interface NameAddr {
  /** Without quotes; '' if none. */
  displayName: string;
  /** The URI as written; `*` for a Contact of that kind. */
  uri: string;
  params: Params;
}

const TAG = /;\s*tag\s*=\s*([^;,\s>]+)/i;

/** Undefined when malformed. */
export function parseNameAddr(value: string): NameAddr | undefined {
  const open = bracketStart(value);
  if (open < 0) {
    const semicolon = value.indexOf(';');
    const uri = (semicolon < 0 ? value : value.slice(0, semicolon)).trim();
    const params = parseParams(semicolon < 0 ? '' : value.slice(semicolon + 1), 0);
    return uri === '' || !params ? undefined : { displayName: '', uri, params };
  }
  const close = value.indexOf('>', open);
  const params = close < 0 ? undefined : parseParams(value.slice(close + 1), 0);
  if (!params) return undefined;
  return { displayName: unquoted(value.slice(0, open).trim()), uri: value.slice(open + 1, close).trim(), params };
}

/** The tag of a From or To value; '' if there is none. */
export function tagOf(value: string): string {
  const open = bracketStart(value);
  const rest = open < 0 ? value : value.slice(value.indexOf('>', open) + 1);
  return TAG.exec(rest)?.[1] ?? '';
}

function bracketStart(value: string): number {
  if (!value.includes('"')) return value.indexOf('<');
  let quoted = false;
  for (let at = 0; at < value.length; at++) {
    const character = value.charAt(at);
    if (quoted && character === '\\') at++;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && character === '<') return at;
  }
  return -1;
}

function unquoted(name: string): string {
  return name.startsWith('"') && name.endsWith('"') && name.length > 1
    ? name.slice(1, -1).replace(/\\(.)/g, '$1')
    : name;
}

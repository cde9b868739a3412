import { afterQuoted } from './quoted-string.ts';
import { skipWhitespace, trimEnd } from './whitespace.ts';

const COMMA = 44;
const LESS = 60;
const QUOTE = 34;

/** Appends the elements of a comma list to `elements`; commas in quotes or angle brackets cut nothing, empty elements are left out. */
export function cutList(value: string, elements: string[]): string[] {
  let start = 0;
  if (value.includes(',')) {
    for (let comma = commaFrom(value, 0); comma < value.length; comma = commaFrom(value, start)) {
      pushTrimmed(value, start, comma, elements);
      start = comma + 1;
    }
  }
  pushTrimmed(value, start, value.length, elements);
  return elements;
}

function commaFrom(value: string, at: number): number {
  while (at < value.length) {
    const code = value.charCodeAt(at);
    if (code === COMMA) return at;
    if (code === QUOTE) at = afterQuoted(value, at) - 1;
    else if (code === LESS) at = afterBracketed(value, at) - 1;
    at++;
  }
  return at;
}

function afterBracketed(value: string, at: number): number {
  const close = value.indexOf('>', at);
  return close < 0 ? value.length : close + 1;
}

function pushTrimmed(value: string, start: number, end: number, elements: string[]): void {
  const first = skipWhitespace(value, start, end);
  const last = trimEnd(value, first, end);
  if (last > first) elements.push(value.slice(first, last));
}

/** The first element of a comma list, '' when there is none. */
export function firstOfList(value: string): string {
  return value.includes(',') ? (cutList(value, [])[0] ?? '') : value;
}

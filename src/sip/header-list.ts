import { afterQuoted } from './quoted-string.ts';
import { skipWhitespace, trimEnd } from './whitespace.ts';

/** Appends the elements of a comma list to `elements`; commas in quotes or angle brackets cut nothing, empty elements are left out. */
export function cutList(value: string, elements: string[]): string[] {
  let start = 0;
  for (let comma = commaFrom(value, 0); comma < value.length; comma = commaFrom(value, start)) {
    pushTrimmed(value, start, comma, elements);
    start = comma + 1;
  }
  pushTrimmed(value, start, value.length, elements);
  return elements;
}

/** Position of the next comma outside quotes and brackets, the end of the value when there is none. */
function commaFrom(value: string, from: number): number {
  let comma = value.indexOf(',', from);
  for (let at = from; comma >= 0; comma = value.indexOf(',', at)) {
    const quote = indexOrEnd(value, '"', at);
    const open = indexOrEnd(value, '<', at);
    if (comma < quote && comma < open) return comma;
    at = quote < open ? afterQuoted(value, quote) : indexOrEnd(value, '>', open);
  }
  return value.length;
}

function indexOrEnd(value: string, character: string, from: number): number {
  const at = value.indexOf(character, from);
  return at < 0 ? value.length : at;
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

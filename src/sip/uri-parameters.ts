import { unescape } from './escaping.ts';

/** The `;name=value` parameters of a URI (RFC 3261 §19.1.1), read when asked for. */
export class UriParameters {
  /** As written, from the first semicolon; '' when there are none. */
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** Value of the parameter, escapes resolved, '' when it has none; undefined when it is absent. */
  get(name: string): string | undefined {
    if (this.text === '') return undefined;
    return this.entries().find(([other]) => other === name.toLowerCase())?.[1];
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  /** All parameters in order: name in lower case and value, escapes resolved. */
  entries(): [name: string, value: string][] {
    return piecesOf(this.text, ';').map((piece) => splitPair(piece));
  }

  /** The parameters as written, but for those of this name. */
  without(name: string): string {
    const pieces = piecesOf(this.text, ';').filter((piece) => splitPair(piece)[0] !== name.toLowerCase());
    return pieces.map((piece) => `;${piece}`).join('');
  }
}

/** The `?name=value&name=value` header fields of a URI, as in Refer-To. */
export class UriHeaders {
  /** As written, from the question mark; '' when there are none. */
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** Value of the header field, escapes resolved; undefined when it is absent. */
  get(name: string): string | undefined {
    if (this.text === '') return undefined;
    return this.entries().find(([other]) => other === name.toLowerCase())?.[1];
  }

  /** All header fields in order: name in lower case and value, escapes resolved. */
  entries(): [name: string, value: string][] {
    return piecesOf(this.text, '&').map((piece) => splitPair(piece));
  }
}

/** Whether each of the header fields from `start` to the end has a name. */
export function areUriHeaders(text: string, start: number): boolean {
  return start === text.length || !/[?&](?:[&=]|$)/.test(text.slice(start));
}

function piecesOf(text: string, separator: string): string[] {
  return text === '' ? [] : text.slice(1).split(separator);
}

function splitPair(piece: string): [name: string, value: string] {
  const equals = piece.indexOf('=');
  if (equals < 0) return [unescape(piece).toLowerCase(), ''];
  return [unescape(piece.slice(0, equals)).toLowerCase(), unescape(piece.slice(equals + 1))];
}

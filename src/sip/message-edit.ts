import { H, headerId, headerName, type HeaderId } from './header-names.ts';
import type { SipMessage } from './message.ts';
import { onOneLine } from './whitespace.ts';

/** A copy of a message with changes: what is not changed is copied byte for byte, in its order, case and folding. */
export class MessageEdit {
  readonly #message: SipMessage;
  readonly #ids: HeaderId[] = [];
  readonly #values: (readonly string[])[] = [];
  readonly #removedNames: string[] = [];
  #startLine: string | undefined;
  #body: string | undefined;

  constructor(message: SipMessage) {
    this.#message = message;
  }

  /** Replaces the start line by a request line. */
  requestLine(method: string, uri: string): this {
    this.#startLine = `${onOneLine(method)} ${onOneLine(uri)} SIP/2.0`;
    return this;
  }

  /** Replaces the start line by a status line. */
  statusLine(status: number, reason: string): this {
    this.#startLine = `SIP/2.0 ${String(status)} ${onOneLine(reason)}`;
    return this;
  }

  /** Puts one line in place of all lines of the header; at the top (Via) or before Content-Length where there is none. */
  set(id: HeaderId, value: string): this {
    return this.setAll(id, [value]);
  }

  /** The same with one line for each value. */
  setAll(id: HeaderId, values: readonly string[]): this {
    const known = this.#ids.indexOf(id);
    if (known >= 0) this.#values[known] = values;
    else {
      this.#ids.push(id);
      this.#values.push(values);
    }
    return this;
  }

  /** Takes out all lines of the header. */
  remove(id: HeaderId): this {
    return this.setAll(id, []);
  }

  /** Takes out all lines of the header with this name, in any case, long or compact. */
  removeNamed(name: string): this {
    const id = headerId(name);
    if (id !== H.Other) return this.remove(id);
    this.#removedNames.push(name.toLowerCase());
    return this;
  }

  /** Replaces the body and its Content-Type; an empty body takes the Content-Type out. */
  body(type: string, text: string): this {
    this.#body = text;
    return this.setAll(H.ContentType, text === '' ? [] : [type]);
  }

  /** The changed message; its Content-Length is the body's length. */
  toString(): string {
    const { text, headers } = this.#message;
    const body = this.#body ?? this.#message.body;
    this.#correctContentLength(body.length);
    const first = headers.starts[0] ?? 0;
    const startLine = this.#startLine === undefined ? text.slice(0, first) : `${this.#startLine}\r\n`;
    return `${startLine}${this.#absentVia()}${this.#headerLines(first)}\r\n${body}`;
  }

  #headerLines(first: number): string {
    const { text, headers } = this.#message;
    const { ids, starts } = headers;
    const lengthLine = ids.indexOf(H.ContentLength);
    let out = '';
    let copied = first;
    for (let line = 0; line < ids.length; line++) {
      const id = ids[line] ?? H.Other;
      const edit = this.#ids.indexOf(id);
      const isKept = edit < 0 && !this.#isRemovedByName(id, line);
      if (isKept && line !== lengthLine) continue;
      out += text.slice(copied, starts[line]);
      copied = starts[isKept ? line : line + 1] ?? text.length;
      if (line === lengthLine) out += this.#absentLines();
      if (edit >= 0 && ids.indexOf(id) === line) out += this.#linesOf(edit);
    }
    out += text.slice(copied, starts[ids.length]);
    return lengthLine < 0 ? out + this.#absentLines() : out;
  }

  #correctContentLength(length: number): void {
    const message = this.#message;
    const isRight = message.contentLength === length && message.count(H.ContentLength) === 1;
    if (!isRight || this.#ids.includes(H.ContentLength)) this.set(H.ContentLength, String(length));
  }

  #isRemovedByName(id: HeaderId, line: number): boolean {
    if (id !== H.Other || this.#removedNames.length === 0) return false;
    return this.#removedNames.includes(this.#message.lineName(line).toLowerCase());
  }

  #absentVia(): string {
    const edit = this.#ids.indexOf(H.Via);
    return edit < 0 || this.#message.headers.ids.includes(H.Via) ? '' : this.#linesOf(edit);
  }

  #absentLines(): string {
    let lines = '';
    for (let edit = 0; edit < this.#ids.length; edit++) {
      const id = this.#ids[edit] ?? H.Other;
      if (id !== H.Via && !this.#message.headers.ids.includes(id)) lines += this.#linesOf(edit);
    }
    return lines;
  }

  #linesOf(edit: number): string {
    const name = headerName(this.#ids[edit] ?? H.Other);
    let lines = '';
    for (const value of this.#values[edit] ?? []) lines += `${name}: ${onOneLine(value)}\r\n`;
    return lines;
  }
}

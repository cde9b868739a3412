import { H, headerId, headerName, type HeaderId } from './header-names.ts';
import type { SipMessage } from './message.ts';
import { onOneLine } from './whitespace.ts';

const STRIDE = 4;

/** A copy of a message with changes: what is not touched is copied byte by byte. */
export class MessageEdit {
  readonly #message: SipMessage;
  readonly #changes = new Map<HeaderId, readonly string[]>();
  readonly #removedNames = new Set<string>();
  #startLine: string | undefined;
  #body: { type: string; text: string } | undefined;

  constructor(message: SipMessage) {
    this.#message = message;
  }

  requestLine(method: string, uri: string): this {
    this.#startLine = `${method} ${onOneLine(uri)} SIP/2.0`;
    return this;
  }

  statusLine(status: number, reason: string): this {
    this.#startLine = `SIP/2.0 ${String(status)} ${onOneLine(reason)}`;
    return this;
  }

  /** One line with this value, where the first line of that header was. */
  set(header: HeaderId, value: string): this {
    return this.setAll(header, [value]);
  }

  /** One line for each value, where the first line of that header was; a new Via stands first, others last. */
  setAll(header: HeaderId, values: readonly string[]): this {
    this.#changes.set(header, values);
    return this;
  }

  remove(header: HeaderId): this {
    return this.setAll(header, []);
  }

  removeNamed(name: string): this {
    const id = headerId(name);
    if (id !== H.Other) return this.remove(id);
    this.#removedNames.add(name.toLowerCase());
    return this;
  }

  body(type: string, text: string): this {
    this.#body = { type, text };
    this.#changes.set(H.ContentType, text === '' ? [] : [type]);
    return this;
  }

  /** The edited message; Content-Length is right. */
  toString(): string {
    const message = this.#message;
    const body = this.#body?.text ?? message.body;
    const given = message.get(H.ContentLength);
    if (given === undefined || given !== String(body.length)) this.#changes.set(H.ContentLength, [String(body.length)]);
    return `${this.#headers()}\r\n${body}`;
  }

  #headers(): string {
    const { table, text } = this.#message;
    const written = new Set<HeaderId>();
    let out = this.#firstLines(written);
    let copyFrom = table[1] ?? this.#message.headersEnd;
    for (let at = 0; at < table.length; at += STRIDE) {
      const id = table[at] as HeaderId;
      if (!this.#touches(id, at)) continue;
      const start = table[at + 1] ?? 0;
      out += text.slice(copyFrom, start);
      if (!written.has(id)) {
        written.add(id);
        out += lines(id, this.#changes.get(id) ?? []);
      }
      copyFrom = (table[at + 3] ?? 0) + 2;
    }
    out += text.slice(copyFrom, this.#message.headersEnd);
    for (const [id, values] of this.#changes) if (!written.has(id)) out += lines(id, values);
    return out;
  }

  #firstLines(written: Set<HeaderId>): string {
    const { table, text } = this.#message;
    const start = this.#startLine === undefined ? text.slice(0, table[1] ?? this.#message.headersEnd) : `${this.#startLine}\r\n`;
    if (!this.#changes.has(H.Via) || this.#message.count(H.Via) > 0) return start;
    written.add(H.Via);
    return start + lines(H.Via, this.#changes.get(H.Via) ?? []);
  }

  #touches(id: HeaderId, at: number): boolean {
    if (id !== H.Other) return this.#changes.has(id);
    if (this.#removedNames.size === 0) return false;
    const { table, text } = this.#message;
    const start = table[at + 1] ?? 0;
    return this.#removedNames.has(text.slice(start, text.indexOf(':', start)).trim().toLowerCase());
  }
}

function lines(id: HeaderId, values: readonly string[]): string {
  let out = '';
  for (const value of values) out += `${headerName(id)}: ${onOneLine(value)}\r\n`;
  return out;
}

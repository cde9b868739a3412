/** Why a byte stream cannot be cut into messages any further; the codes are stable. */
export type FramingErrorCode =
  | 'no-content-length'
  | 'duplicate-content-length'
  | 'bad-content-length'
  | 'headers-too-large'
  | 'message-too-large';

/** What came out of a stream. */
export type StreamEvent =
  | { readonly type: 'message'; readonly text: string }
  /** A keep-alive to be answered with one CRLF (RFC 5626 §3.5.1). */
  | { readonly type: 'ping' }
  /** The last event of a stream: where the next message begins is unknown. */
  | { readonly type: 'error'; readonly code: FramingErrorCode };

/** Longest start line and headers, in bytes. */
export const MAX_HEAD_BYTES: number = 32 * 1024;

/** Longest message, in bytes. */
export const MAX_MESSAGE_BYTES: number = 64 * 1024;

const CRLF = '\r\n';
const END_OF_HEAD = '\r\n\r\n';
const CONTENT_LENGTH_VALUE = /^[ \t\r\n]*(\d{1,10})[ \t\r\n]*$/;
const NO_EVENTS: readonly StreamEvent[] = Object.freeze([]);

/** Cuts a stream of latin1 text into SIP messages by Content-Length (RFC 3261 §18.3); holds 64 KiB at most. */
export class StreamFraming {
  #state: 'idle' | 'head' | 'body' | 'failed' = 'idle';
  /** How much of CRLF CRLF was read between messages, in characters. */
  #pingProgress = 0;
  /** The pieces of an unfinished message, and their length together. */
  #pieces: string[] = [];
  #held = 0;
  /** The last characters of an unfinished head, which may begin its end. */
  #tail = '';
  /** The whole length of the message, known once its head is. */
  #length = 0;

  /** Takes the next text of the stream, in pieces of any size, and returns what it completes. */
  feed(chunk: string): readonly StreamEvent[] {
    if (this.#state === 'failed' || chunk === '') return NO_EVENTS;
    const events: StreamEvent[] = [];
    let position = 0;
    while (position < chunk.length) {
      position = this.#advance(chunk, position, events);
    }
    return events;
  }

  /** Reads on from `position` and returns where it stopped. */
  #advance(chunk: string, position: number, events: StreamEvent[]): number {
    switch (this.#state) {
      case 'idle':
        return this.#skipLineEnds(chunk, position, events);
      case 'head':
        return this.#readHead(chunk, position, events);
      case 'body':
        return this.#readBody(chunk, position, events);
      case 'failed':
        return chunk.length;
    }
  }

  #skipLineEnds(chunk: string, start: number, events: StreamEvent[]): number {
    let position = start;
    while (chunk[position] === END_OF_HEAD[this.#pingProgress]) {
      position += 1;
      this.#pingProgress += 1;
      if (this.#pingProgress === END_OF_HEAD.length) {
        this.#pingProgress = 0;
        events.push({ type: 'ping' });
      }
    }
    if (position < chunk.length) {
      this.#pingProgress = 0;
      this.#state = 'head';
    }
    return position;
  }

  #readHead(chunk: string, start: number, events: StreamEvent[]): number {
    const end = this.#findEndOfHead(chunk, start);
    const stop = end === -1 ? chunk.length : end;
    if (this.#held + stop - start > MAX_HEAD_BYTES) return this.#fail('headers-too-large', chunk, events);
    this.#keep(chunk, start, stop);
    if (end === -1) {
      this.#tail = (this.#tail + chunk.slice(Math.max(start, stop - 3))).slice(-3);
      return stop;
    }
    const head = this.#pieces.join('');
    const contentLength = readContentLength(head);
    if (typeof contentLength === 'string') return this.#fail(contentLength, chunk, events);
    this.#length = head.length + contentLength;
    if (this.#length > MAX_MESSAGE_BYTES) return this.#fail('message-too-large', chunk, events);
    this.#pieces = [head];
    this.#tail = '';
    this.#state = 'body';
    return contentLength === 0 ? this.#readBody(chunk, stop, events) : stop;
  }

  /** Where in the chunk the head is over, -1 if not in this chunk. */
  #findEndOfHead(chunk: string, start: number): number {
    const seam = (this.#tail + chunk.slice(start, start + 3)).indexOf(END_OF_HEAD);
    if (seam !== -1) return start + seam + END_OF_HEAD.length - this.#tail.length;
    const end = chunk.indexOf(END_OF_HEAD, start);
    return end === -1 ? -1 : end + END_OF_HEAD.length;
  }

  #readBody(chunk: string, start: number, events: StreamEvent[]): number {
    const stop = Math.min(chunk.length, start + this.#length - this.#held);
    this.#keep(chunk, start, stop);
    if (this.#held === this.#length) {
      events.push({ type: 'message', text: this.#pieces.join('') });
      this.#release();
      this.#state = 'idle';
    }
    return stop;
  }

  #keep(chunk: string, start: number, stop: number): void {
    if (stop === start) return;
    this.#pieces.push(chunk.slice(start, stop));
    this.#held += stop - start;
  }

  #release(): void {
    this.#pieces = [];
    this.#held = 0;
    this.#tail = '';
    this.#length = 0;
  }

  #fail(code: FramingErrorCode, chunk: string, events: StreamEvent[]): number {
    events.push({ type: 'error', code });
    this.#release();
    this.#state = 'failed';
    return chunk.length;
  }
}

/** The value of the only Content-Length of a head, or why there is none to rely on. */
function readContentLength(head: string): number | FramingErrorCode {
  let value: string | undefined;
  let lineEnd = head.indexOf(CRLF);
  while (lineEnd + CRLF.length < head.length) {
    const line = lineEnd + CRLF.length;
    lineEnd = head.indexOf(CRLF, line);
    const nameLength = lengthOfContentLengthName(head, line, lineEnd);
    if (nameLength === 0) continue;
    if (value !== undefined) return 'duplicate-content-length';
    lineEnd = endOfFoldedLine(head, lineEnd);
    value = head.slice(line + nameLength + 1, lineEnd);
  }
  if (value === undefined) return 'no-content-length';
  const digits = CONTENT_LENGTH_VALUE.exec(value)?.[1];
  return digits === undefined ? 'bad-content-length' : Number(digits);
}

/** How many characters stand before the colon of a Content-Length, long or compact; 0 for any other header. */
function lengthOfContentLengthName(head: string, line: number, lineEnd: number): number {
  const first = head[line];
  if (first !== 'C' && first !== 'c' && first !== 'L' && first !== 'l') return 0;
  const text = head.slice(line, lineEnd);
  const colon = text.indexOf(':');
  // RFC 3261 §7.3.1: white space may stand before the colon.
  const name = text.slice(0, Math.max(colon, 0)).trimEnd().toLowerCase();
  return name === 'content-length' || name === 'l' ? colon : 0;
}

/** The end of a header that may go on in lines beginning with white space (RFC 3261 §7.3.1). */
function endOfFoldedLine(head: string, firstEnd: number): number {
  let end = firstEnd;
  while (head[end + CRLF.length] === ' ' || head[end + CRLF.length] === '\t') {
    end = head.indexOf(CRLF, end + CRLF.length);
  }
  return end;
}

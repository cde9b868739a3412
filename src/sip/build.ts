import { H, headerName, type HeaderLine } from './header-names.ts';
import type { SipMessage } from './message.ts';
import { reasonPhrase } from './reason-phrase.ts';
import { onOneLine } from './whitespace.ts';

/** A body and its Content-Type. */
export interface Body {
  type: string;
  text: string;
}

/** A request to build. */
export interface RequestParts {
  method: string;
  uri: string;
  headers: readonly HeaderLine[];
  body?: Body;
}

/** What a response has beside what it copies of its request. */
export interface ResponseParts {
  reason?: string;
  toTag?: string;
  headers?: readonly HeaderLine[];
  body?: Body;
}

/** A request with exactly these header lines, Content-Type and Content-Length last. */
export function buildRequest({ method, uri, headers, body }: RequestParts): string {
  return `${method} ${onOneLine(uri)} SIP/2.0\r\n${linesOf(headers)}${ending(body)}`;
}

/** A response to a request (RFC 3261 §8.2.6): Via, From, To, Call-ID and CSeq are copied. */
export function buildResponse(request: SipMessage, status: number, parts: ResponseParts = {}): string {
  const to = parts.toTag === undefined || request.toTag !== '' ? request.to : `${request.to};tag=${parts.toTag}`;
  const copied: HeaderLine[] = [
    ...request.all(H.Via).map((via): HeaderLine => [H.Via, via]),
    [H.From, request.from],
    [H.To, to],
    [H.CallId, request.callId],
    [H.CSeq, request.get(H.CSeq) ?? ''],
  ];
  const timestamp = status === 100 ? request.get(H.Timestamp) : undefined;
  if (timestamp !== undefined) copied.push([H.Timestamp, timestamp]);
  const reason = parts.reason ?? reasonPhrase(status);
  return `SIP/2.0 ${String(status)} ${onOneLine(reason)}\r\n${linesOf(copied)}${linesOf(parts.headers ?? [])}${ending(parts.body)}`;
}

function linesOf(headers: readonly HeaderLine[]): string {
  let out = '';
  for (const [name, value] of headers) {
    out += `${typeof name === 'string' ? name : headerName(name)}: ${onOneLine(value)}\r\n`;
  }
  return out;
}

function ending(body: Body | undefined): string {
  if (!body || body.text === '') return 'Content-Length: 0\r\n\r\n';
  return `Content-Type: ${body.type}\r\nContent-Length: ${String(body.text.length)}\r\n\r\n${body.text}`;
}

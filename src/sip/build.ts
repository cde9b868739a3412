import { H, headerName, type HeaderId, type HeaderLine } from './header-names.ts';
import type { SipMessage } from './message.ts';
import { withParam } from './parameters.ts';
import { reasonPhrase } from './reason-phrase.ts';
import { onOneLine } from './whitespace.ts';

/** A body and its Content-Type. */
export interface Body {
  type: string;
  text: string;
}

/** What a new request is made of. */
export interface RequestParts {
  method: string;
  uri: string;
  /** In the order in which they are written; Content-Type and Content-Length follow. */
  headers: readonly HeaderLine[];
  body?: Body;
}

/** What a response adds to what it copies from its request. */
export interface ResponseParts {
  /** The usual one of the status code when left out. */
  reason?: string;
  /** Tag put into To when the request's To has none (RFC 3261 §8.2.6.2). */
  toTag?: string;
  /** Whether Record-Route is copied, as a response that makes a dialog needs (RFC 3261 §12.1.1). */
  recordRoute?: boolean;
  headers?: readonly HeaderLine[];
  body?: Body;
}

/** Writes a request. */
export function buildRequest(request: RequestParts): string {
  const startLine = `${onOneLine(request.method)} ${onOneLine(request.uri)} SIP/2.0\r\n`;
  return startLine + writeHeaders(request.headers) + endOf(request.body);
}

/** Writes a response to the request (RFC 3261 §8.2.6): Via, From, To, Call-ID and CSeq copied, a 100's Timestamp too. */
export function buildResponse(request: SipMessage, status: number, parts: ResponseParts = {}): string {
  const reason = parts.reason ?? reasonPhrase(status);
  const to =
    request.toTag === '' && parts.toTag !== undefined
      ? withParam(request.to, 'tag', parts.toTag)
      : request.to;
  return (
    `SIP/2.0 ${String(status)} ${onOneLine(reason)}\r\n` +
    copyLines(request, H.Via) +
    (parts.recordRoute === true ? copyLines(request, H.RecordRoute) : '') +
    copyLine(H.From, request.from) +
    copyLine(H.To, to) +
    copyLine(H.CallId, request.callId) +
    copyLine(H.CSeq, request.get(H.CSeq) ?? '') +
    (status === 100 ? copyLines(request, H.Timestamp) : '') +
    writeHeaders(parts.headers ?? []) +
    endOf(parts.body)
  );
}

function writeHeaders(headers: readonly HeaderLine[]): string {
  let lines = '';
  for (const [header, value] of headers) {
    const name = typeof header === 'number' ? headerName(header) : onOneLine(header);
    lines += `${name}: ${onOneLine(value)}\r\n`;
  }
  return lines;
}

function copyLines(request: SipMessage, id: HeaderId): string {
  let lines = '';
  for (const value of request.all(id)) lines += `${headerName(id)}: ${value}\r\n`;
  return lines;
}

function copyLine(id: HeaderId, value: string): string {
  return value === '' ? '' : `${headerName(id)}: ${value}\r\n`;
}

function endOf(body: Body | undefined): string {
  if (body === undefined || body.text === '') return 'Content-Length: 0\r\n\r\n';
  return `Content-Type: ${onOneLine(body.type)}\r\nContent-Length: ${String(body.text.length)}\r\n\r\n${body.text}`;
}

import { buildResponse, H, type HeaderLine, type SipMessage } from '../../sip/index.ts';
import type { Flow } from '../flow.ts';
import type { ServerHandle } from '../transactions.ts';
import { ALLOW } from './capabilities.ts';
import type { CallContext } from './context.ts';

/** Header lines of an answer beside those that every response copies. */
export type ExtraHeaders = readonly HeaderLine[];

const ALLOWED: ExtraHeaders = [[H.Allow, ALLOW]];

/** Answers a request with a final response of the pod's own. */
export function refuse(
  context: CallContext,
  server: ServerHandle,
  status: number,
  headers: ExtraHeaders = [],
): void {
  const text = answerText(context, server.request, status, headers);
  context.transactions.respond(server, status, text);
}

/** Answers a request for which no transaction is kept (RFC 3261 §8.2.7); an ACK is never answered. */
export function refuseStateless(
  context: CallContext,
  request: SipMessage,
  flow: Flow,
  verdict: { status: number; reason?: string; headers?: ExtraHeaders },
): void {
  if (request.method === 'ACK') return;
  context.send(flow, answerText(context, request, verdict.status, verdict.headers ?? []));
}

function answerText(
  context: CallContext,
  request: SipMessage,
  status: number,
  headers: ExtraHeaders,
): string {
  const all =
    status === 405 && !headers.some(([name]) => name === H.Allow) ? [...ALLOWED, ...headers] : headers;
  // RFC 3261 §8.2.6.2: a tag of its own, unless the request named the dialog.
  const toTag = request.toTag || status === 100 ? undefined : context.random.hex(16);
  return buildResponse(request, status, { headers: all, ...(toTag !== undefined && { toTag }) });
}

import { H } from '../header-names.ts';
import type { SipMessage } from '../message.ts';

// A line feed occurs in no header value, so no two different keys read the same.
const SEPARATOR = '\n';

/** The key of the server transaction that a request belongs to, an ACK to its INVITE's (RFC 3261 §17.2.3); undefined without a usable Via. */
export function serverKey(request: SipMessage): string | undefined {
  return keyOf(request, request.method === 'ACK' ? 'INVITE' : request.method);
}

/** The key of the INVITE server transaction that a CANCEL asks to end (RFC 3261 §9.2). */
export function cancelKey(cancel: SipMessage): string | undefined {
  return keyOf(cancel, 'INVITE');
}

/** The key of the client transaction that a response belongs to (RFC 3261 §17.1.3); undefined without a branch. */
export function clientKey(response: SipMessage): string | undefined {
  return response.branch === undefined ? undefined : clientKeyOf(response.branch, response.cseqMethod);
}

/** The key of the client transaction of a request sent with this branch. */
export function clientKeyOf(branch: string, method: string): string {
  return branch + SEPARATOR + method;
}

function keyOf(request: SipMessage, method: string): string | undefined {
  const { via, branch } = request;
  if (via === undefined) return undefined;
  if (branch === undefined) return legacyKey(request, method);
  const port = via.port === undefined ? '' : String(via.port);
  return [branch, via.host, port, method].join(SEPARATOR);
}

/** RFC 3261 §17.2.3: RFC 2543 clients are matched by what their requests have in common. */
function legacyKey(request: SipMessage, method: string): string {
  // The To tag of an ACK is the response's, not the INVITE's.
  const toTag = method === 'INVITE' ? '' : request.toTag;
  const via = request.list(H.Via)[0] ?? '';
  const number = String(request.cseq);
  return [request.requestUri, request.fromTag, toTag, request.callId, number, via, method].join(SEPARATOR);
}

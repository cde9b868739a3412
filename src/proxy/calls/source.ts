import { H, MessageEdit, parseMessage, SipMessage } from '../../sip/index.ts';
import type { Flow } from '../flow.ts';

/** The request with received and rport in its top Via, where the sender needs them (RFC 3261 §18.2.1, RFC 3581 §4). */
export function withSource(request: SipMessage, flow: Flow): SipMessage {
  const { via } = request;
  if (!via) return request;
  const wantsPort = via.rport !== undefined;
  if (!wantsPort && bare(via.host) === flow.address) return request;
  const [top = '', ...rest] = request.list(H.Via);
  const marked = `${wantsPort ? fillPort(top, flow.port) : top};received=${flow.address}`;
  const edited = parseMessage(new MessageEdit(request).setAll(H.Via, [marked, ...rest]).toString());
  return edited instanceof SipMessage ? edited : request;
}

function fillPort(via: string, port: number): string {
  return via.replace(/;\s*rport\b(\s*=\s*\d*)?/i, `;rport=${String(port)}`);
}

function bare(host: string): string {
  return host.replace(/^\[|\]$/g, '');
}

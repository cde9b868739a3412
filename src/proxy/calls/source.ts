import { H, MessageEdit, parseMessage, SipMessage, withoutParam } from '../../sip/index.ts';
import type { Flow } from '../flow.ts';

const DEFAULT_PORT = 5060;

/** The request with received and rport in its top Via, where the sender needs them (RFC 3261 §18.2.1, RFC 3581 §4). */
export function withSource(request: SipMessage, flow: Flow): SipMessage {
  const { via } = request;
  if (!via) return request;
  const wantsPort = via.rport !== undefined;
  if (!wantsPort && via.host === flow.address) return request;
  const [top = '', ...rest] = request.list(H.Via);
  const bare = withoutParam(top, 'received');
  const marked = `${wantsPort ? fillPort(bare, flow.port) : bare};received=${flow.address}`;
  const edited = parseMessage(new MessageEdit(request).setAll(H.Via, [marked, ...rest]).toString());
  return edited instanceof SipMessage ? edited : request;
}

/** Where responses to a request go: over UDP to the port of its sent-by, unless it asked for its own by rport (RFC 3261 §18.2.2). */
export function responseFlow(request: SipMessage, flow: Flow): Flow {
  const { via } = request;
  if (flow.transport !== 'UDP' || !via || via.rport !== undefined) return flow;
  const port = via.port ?? DEFAULT_PORT;
  return port === flow.port ? flow : { ...flow, port };
}

function fillPort(via: string, port: number): string {
  return via.replace(/;\s*rport\b(\s*=\s*\d*)?/i, `;rport=${String(port)}`);
}

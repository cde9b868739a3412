import { parseMessage, SipMessage } from '../../sip/index.ts';

const DEFAULT_PORT = 5060;

/**
 * The port where a response goes when the connection that brought its request is gone: that of the sent-by of its top
 * Via (RFC 3261 §18.2.2). Undefined for a request, or without a Via.
 */
export function responsePort(text: string): number | undefined {
  const message = parseMessage(text);
  if (!(message instanceof SipMessage) || message.isRequest || !message.via) return undefined;
  return message.via.port ?? DEFAULT_PORT;
}

import { flat, H, type SipMessage } from '../sip/index.ts';
import type { Leg } from './record.ts';

/** Keeps what an endpoint's message says of its abilities; what the message does not name stays as it was. */
export function noteCapabilities(leg: Leg, message: SipMessage): void {
  leg.allow = listed(message, H.Allow) ?? leg.allow;
  leg.supported = listed(message, H.Supported) ?? leg.supported;
  leg.assertedIdentity = listed(message, H.PAssertedIdentity) ?? leg.assertedIdentity;
  const agent = message.get(H.UserAgent) ?? message.get(H.Server);
  if (agent !== undefined && agent !== leg.userAgent) leg.userAgent = flat(agent);
}

/** Whether the endpoint's Allow names a method; an endpoint without an Allow header has said nothing. */
export function allows(leg: Leg, method: string): boolean {
  return leg.allow.split(',').some((name) => name.trim() === method);
}

function listed(
  message: SipMessage,
  header: typeof H.Allow | typeof H.Supported | typeof H.PAssertedIdentity,
): string | undefined {
  const lines = message.all(header);
  return lines.length === 0 ? undefined : flat(lines.join(', '));
}

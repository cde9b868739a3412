import { H, type SipMessage } from '../sip/index.ts';
import { addressOfUri, uriOf, type SocketAddress } from './phone-address.ts';

/** What a phone must know of the far end to send it a request (RFC 3261 §12). */
export interface PhoneDialog {
  remoteTag: string;
  /** URI of the far end's last Contact. */
  remoteTarget: string;
  /** Route values in sending order. */
  routeSet: string[];
}

/** The caller's dialog, from a response with a To tag (RFC 3261 §12.1.2). */
export function dialogOfResponse(response: SipMessage): PhoneDialog {
  return {
    remoteTag: response.toTag,
    remoteTarget: uriOf(response.get(H.Contact) ?? ''),
    routeSet: response.list(H.RecordRoute).reverse(),
  };
}

/** The callee's dialog, from the INVITE (RFC 3261 §12.1.1). */
export function dialogOfRequest(request: SipMessage): PhoneDialog {
  return {
    remoteTag: request.fromTag,
    remoteTarget: uriOf(request.get(H.Contact) ?? ''),
    routeSet: request.list(H.RecordRoute),
  };
}

/** Request-URI, Route values and destination of a request in a dialog. */
export interface RequestPath {
  uri: string;
  routes: string[];
  to: SocketAddress;
}

/** RFC 3261 §12.2.1.1; undefined where the dialog leads to no SIP address. */
export function requestPath(dialog: PhoneDialog): RequestPath | undefined {
  const [first, ...rest] = dialog.routeSet;
  const to = addressOfUri(first ?? dialog.remoteTarget);
  if (to === undefined) return undefined;
  if (first === undefined) return { uri: dialog.remoteTarget, routes: [], to };
  const loose = /;lr\b/i.test(uriOf(first));
  if (loose) return { uri: dialog.remoteTarget, routes: dialog.routeSet, to };
  return { uri: uriOf(first), routes: [...rest, `<${dialog.remoteTarget}>`], to };
}

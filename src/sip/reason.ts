import { decimal } from './number.ts';
import { parseParameters } from './parameters.ts';
import { quote } from './quoted-string.ts';
import { isToken } from './token.ts';

/** One value of the Reason header field (RFC 3326). */
export interface Reason {
  /** `SIP`, `Q.850` or another protocol, as written. */
  protocol: string;
  cause: number | undefined;
  /** Without quotes, '' when absent. */
  text: string;
}

/** Reads one Reason value; undefined when malformed. */
export function parseReason(value: string): Reason | undefined {
  const semicolon = value.indexOf(';');
  const end = semicolon < 0 ? value.length : semicolon;
  const protocol = value.slice(0, end).trim();
  const params = parseParameters(value, end);
  if (!isToken(protocol) || params === undefined) return undefined;
  return { protocol, cause: decimal(params.get('cause') ?? ''), text: params.get('text') ?? '' };
}

/** Writes one Reason value. */
export function formatReason(reason: Reason): string {
  const cause = reason.cause === undefined ? '' : `;cause=${String(reason.cause)}`;
  const text = reason.text === '' ? '' : `;text=${quote(reason.text)}`;
  return reason.protocol + cause + text;
}

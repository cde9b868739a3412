import { decimal } from './number.ts';
import { parseParameters, type Parameters } from './parameters.ts';

/** The Session-Expires header field (RFC 4028 §4). */
export interface SessionExpires {
  intervalSeconds: number;
  refresher: 'uac' | 'uas' | undefined;
}

/** A number with header parameters. */
interface Delta {
  number: number;
  params: Parameters;
}

/** Reads a Session-Expires value; undefined when malformed. */
export function parseSessionExpires(value: string): SessionExpires | undefined {
  const delta = parseDelta(value);
  if (delta === undefined) return undefined;
  const refresher = delta.params.get('refresher')?.toLowerCase();
  const isKnown = refresher === 'uac' || refresher === 'uas';
  return { intervalSeconds: delta.number, refresher: isKnown ? refresher : undefined };
}

/** Writes a Session-Expires value. */
export function formatSessionExpires(session: SessionExpires): string {
  const refresher = session.refresher === undefined ? '' : `;refresher=${session.refresher}`;
  return String(session.intervalSeconds) + refresher;
}

/** Reads a Min-SE value (RFC 4028 §5), in seconds; undefined when malformed. */
export function parseMinSE(value: string): number | undefined {
  return parseDelta(value)?.number;
}

function parseDelta(value: string): Delta | undefined {
  const semicolon = value.indexOf(';');
  const end = semicolon < 0 ? value.length : semicolon;
  const number = decimal(value.slice(0, end).trim());
  const params = parseParameters(value, end);
  return number === undefined || params === undefined ? undefined : { number, params };
}

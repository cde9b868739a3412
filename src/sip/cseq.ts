import { decimal } from './number.ts';
import { isToken } from './token.ts';

/** The CSeq header field (RFC 3261 §20.16). */
export interface CSeq {
  number: number;
  method: string;
}

/** Reads `number method`; undefined when malformed or not below 2^31. */
export function parseCSeq(value: string): CSeq | undefined {
  const gap = gapFrom(value, 0);
  const number = decimal(value.slice(0, gap));
  const method = value.slice(gap).trim();
  return number === undefined || !isToken(method) ? undefined : { number, method };
}

/** Position of the first space or tab from `at` on; the end of the text when there is none. */
export function gapFrom(value: string, at: number): number {
  while (at < value.length && value.charCodeAt(at) !== 32 && value.charCodeAt(at) !== 9) at++;
  return at;
}

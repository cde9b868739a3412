import { decimal } from './number.ts';
import { isToken } from './token.ts';
import { gapFrom, skipWhitespace } from './whitespace.ts';

/** The CSeq header field (RFC 3261 §20.16). */
export interface CSeq {
  number: number;
  method: string;
}

/** Reads `number method`; undefined when malformed or not below 2^31. */
export function parseCSeq(value: string): CSeq | undefined {
  const gap = gapFrom(value, 0);
  const number = decimal(value.slice(0, gap));
  const method = value.slice(skipWhitespace(value, gap, value.length));
  return number === undefined || !isToken(method) ? undefined : { number, method };
}

import { decimal } from './number.ts';
import { isToken } from './token.ts';
import { gapIn } from './whitespace.ts';

/** The CSeq header field (RFC 3261 §20.16). */
export interface CSeq {
  number: number;
  method: string;
}

/** Reads `number method`; undefined when malformed or not below 2^31. */
export function parseCSeq(value: string): CSeq | undefined {
  const gap = gapIn(value);
  const number = decimal(value.slice(0, gap));
  const method = value.slice(gap + 1);
  if (number === undefined) return undefined;
  if (isToken(method)) return { number, method };
  return isToken(method.trimStart()) ? { number, method: method.trimStart() } : undefined;
}

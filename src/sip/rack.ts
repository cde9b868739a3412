import { parseCSeq } from './cseq.ts';
import { decimal } from './number.ts';
import { gapIn } from './whitespace.ts';

/** The RAck header field of a PRACK (RFC 3262 §7.2). */
export interface RAck {
  rseq: number;
  cseq: number;
  method: string;
}

/** Reads `rseq cseq method`; undefined when malformed. */
export function parseRAck(value: string): RAck | undefined {
  const gap = gapIn(value);
  const rseq = decimal(value.slice(0, gap));
  const cseq = parseCSeq(value.slice(gap).trimStart());
  return rseq === undefined || cseq === undefined
    ? undefined
    : { rseq, cseq: cseq.number, method: cseq.method };
}

/** Writes a RAck value. */
export function formatRAck(rack: RAck): string {
  return `${String(rack.rseq)} ${String(rack.cseq)} ${rack.method}`;
}

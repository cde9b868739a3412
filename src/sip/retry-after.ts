import { decimal } from './number.ts';
import { parseParameters } from './parameters.ts';

/** The Retry-After header field (RFC 3261 §20.33); the comment is not kept. */
export interface RetryAfter {
  seconds: number;
  /** How long the sender will be reachable from then on, in seconds. */
  durationSeconds: number | undefined;
}

/** Reads a Retry-After value; undefined when malformed. */
export function parseRetryAfter(value: string): RetryAfter | undefined {
  const open = value.indexOf('(');
  const close = value.lastIndexOf(')');
  if (open >= 0 && close < open) return undefined;
  const plain = open < 0 ? value : value.slice(0, open) + value.slice(close + 1);
  const semicolon = plain.indexOf(';');
  const end = semicolon < 0 ? plain.length : semicolon;
  const seconds = decimal(plain.slice(0, end).trim());
  const params = parseParameters(plain, end);
  if (seconds === undefined || params === undefined) return undefined;
  return { seconds, durationSeconds: decimal(params.get('duration') ?? '') };
}

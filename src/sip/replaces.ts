import { parseParameters } from './parameters.ts';

/** The Replaces header field (RFC 3891 §6.1). */
export interface Replaces {
  callId: string;
  toTag: string;
  fromTag: string;
  earlyOnly: boolean;
}

/** Reads a Replaces value; undefined when malformed or without both tags. */
export function parseReplaces(value: string): Replaces | undefined {
  const semicolon = value.indexOf(';');
  const params = semicolon < 0 ? undefined : parseParameters(value, semicolon);
  const callId = value.slice(0, semicolon).trim();
  const toTag = params?.get('to-tag') ?? '';
  const fromTag = params?.get('from-tag') ?? '';
  if (params === undefined || callId === '' || toTag === '' || fromTag === '') return undefined;
  return { callId, toTag, fromTag, earlyOnly: params.has('early-only') };
}

/** Writes a Replaces value. */
export function formatReplaces(replaces: Replaces): string {
  const earlyOnly = replaces.earlyOnly ? ';early-only' : '';
  return `${replaces.callId};to-tag=${replaces.toTag};from-tag=${replaces.fromTag}${earlyOnly}`;
}

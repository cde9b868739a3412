import { unescape } from './escaping.ts';
import type { SipUri } from './uri.ts';

/** Parameters whose absence is not the same as any value (RFC 3261 §19.1.4). */
const MUST_BE_IN_BOTH = ['user', 'ttl', 'method', 'maddr', 'transport'];

/** Whether two URIs are equivalent by the rules of RFC 3261 §19.1.4. */
export function areUrisEqual(one: SipUri, other: SipUri): boolean {
  return (
    one.scheme === other.scheme &&
    unescape(one.user) === unescape(other.user) &&
    unescape(one.password) === unescape(other.password) &&
    one.host === other.host &&
    one.port === other.port &&
    areParamsEqual(one, other) &&
    areHeadersEqual(one, other)
  );
}

function areParamsEqual(one: SipUri, other: SipUri): boolean {
  const ones = new Map(one.params.entries());
  const others = new Map(other.params.entries());
  if (MUST_BE_IN_BOTH.some((name) => ones.has(name) !== others.has(name))) return false;
  return [...ones].every(([name, value]) => {
    const counterpart = others.get(name);
    return counterpart === undefined || counterpart.toLowerCase() === value.toLowerCase();
  });
}

function areHeadersEqual(one: SipUri, other: SipUri): boolean {
  const ones = one.headers.entries().map(sortable).sort();
  const others = other.headers.entries().map(sortable).sort();
  return ones.length === others.length && ones.every((entry, index) => entry === others[index]);
}

function sortable([name, value]: [string, string]): string {
  return `${name}=${value}`;
}

import type { TargetAddress } from '../../api/proxy-config.ts';

/** FNV-1a, 32 bits: the same in every pod. */
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * The addresses in the order of this call: each has its own weight for a Call-ID, the highest comes first. An address that comes or
 * goes changes the order of no two others, so that a repeated INVITE finds its server again (rendezvous hashing).
 */
export function byCallId(addresses: readonly TargetAddress[], callId: string): readonly TargetAddress[] {
  if (addresses.length < 2) return addresses;
  return addresses
    .map((address) => ({ address, weight: hash(`${address.address} ${String(address.port)} ${callId}`) }))
    .sort((left, right) => right.weight - left.weight)
    .map(({ address }) => address);
}

function hash(text: string): number {
  let sum = FNV_OFFSET;
  for (let index = 0; index < text.length; index++)
    sum = Math.imul(sum ^ text.charCodeAt(index), FNV_PRIME) >>> 0;
  // The last characters alone would barely change the high bits.
  sum = Math.imul(sum ^ (sum >>> 16), 0x85ebca6b) >>> 0;
  return (sum ^ (sum >>> 13)) >>> 0;
}

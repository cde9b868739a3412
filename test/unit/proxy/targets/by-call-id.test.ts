import { describe, expect, test } from '@jest/globals';
import type { TargetAddress } from '../../../../src/api/proxy-config.ts';
import { byCallId } from '../../../../src/proxy/targets/by-call-id.ts';

const CALLS = 3000;

const ADDRESSES = [1, 2, 3].map((last): TargetAddress => ({
  address: `10.0.0.${String(last)}`,
  port: 5060,
  transport: 'UDP',
}));

function firstOf(addresses: readonly TargetAddress[], call: number): string {
  return byCallId(addresses, `${String(call)}-4711@192.0.2.9`)[0]?.address ?? '';
}

describe('addresses by Call-ID', () => {
  const firsts = Array.from({ length: CALLS }, (_, call) => firstOf(ADDRESSES, call));

  test('are each first for about as many calls', () => {
    for (const { address } of ADDRESSES) {
      const share = firsts.filter((first) => first === address).length / CALLS;
      expect(share).toBeGreaterThan(0.28);
      expect(share).toBeLessThan(0.39);
    }
  });

  test('are the same for the same call, in whatever order they are given', () => {
    const turned = ADDRESSES.toReversed();
    expect(firsts.map((_, call) => firstOf(turned, call))).toEqual(firsts);
  });

  test('change for the calls of an address that goes only', () => {
    const left = ADDRESSES.slice(1);
    const moved = firsts.filter((first, call) => firstOf(left, call) !== first);
    expect(moved).toEqual(firsts.filter((first) => first === ADDRESSES[0]?.address));
  });

  test('are all there', () => {
    expect(byCallId(ADDRESSES, 'x')).toHaveLength(3);
    expect(byCallId([], 'x')).toEqual([]);
  });
});

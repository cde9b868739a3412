import { describe, expect, test } from '@jest/globals';
import { Pacing, type PacedLeg } from '../../../src/rehome/pacing.ts';

function leg(id: string, address: string, due: { notBeforeMs?: number; dueAtMs?: number } = {}): PacedLeg {
  return { id, leg: 0, peer: { address, port: 5060 }, notBeforeMs: 0, dueAtMs: Infinity, ...due };
}

function fill(pacing: Pacing, count: number, address: string): void {
  for (let index = 0; index < count; index++) pacing.queue(leg(`${address}-${String(index)}`, address));
}

/** Takes every 10 ms until `untilMs`, giving places back at once. */
function drain(pacing: Pacing, untilMs: number): number[] {
  const times: number[] = [];
  for (let nowMs = 0; nowMs <= untilMs; nowMs += 10) {
    for (const taken of pacing.take(nowMs)) {
      times.push(nowMs);
      pacing.release(taken.peer);
    }
  }
  return times;
}

describe('pacing', () => {
  test('keeps the rate of the pod over many peers', () => {
    const pacing = new Pacing({ legsPerSecond: 100, perPeer: { legsPerSecond: 1_000, maxInFlight: 10 } }, 0);
    for (let peer = 0; peer < 300; peer++) fill(pacing, 1, `192.0.2.${String(peer)}`);
    const times = drain(pacing, 2_000);
    expect(times.length).toBeGreaterThanOrEqual(200);
    expect(times.length).toBeLessThanOrEqual(206);
  });

  test('keeps the rate of one peer and lets others pass', () => {
    const pacing = new Pacing({ legsPerSecond: 10_000, perPeer: { legsPerSecond: 50, maxInFlight: 10 } }, 0);
    fill(pacing, 500, 'trunk');
    fill(pacing, 1, 'phone');
    const first = pacing.take(0).map(({ peer }) => peer.address);
    expect(first.filter((address) => address === 'trunk')).toHaveLength(2);
    expect(first).toContain('phone');
    pacing.release({ address: 'trunk', port: 1 });
    pacing.release({ address: 'trunk', port: 1 });
    expect(drain(pacing, 1_000).length).toBeLessThanOrEqual(52);
  });

  test('has no more in flight at one peer than allowed, until places come back', () => {
    const pacing = new Pacing(
      { legsPerSecond: 10_000, perPeer: { legsPerSecond: 10_000, maxInFlight: 3 } },
      0,
    );
    fill(pacing, 10, 'trunk');
    expect(pacing.take(0)).toHaveLength(3);
    expect(pacing.take(100)).toHaveLength(0);
    expect(pacing.nextTakeMs(100)).toBe(Infinity);
    pacing.release({ address: 'trunk', port: 5061 });
    expect(pacing.nextTakeMs(100)).toBe(100);
    expect(pacing.take(100)).toHaveLength(1);
  });

  test('the most urgent goes first, at a held peer too', () => {
    const pacing = new Pacing(
      { legsPerSecond: 10_000, perPeer: { legsPerSecond: 10_000, maxInFlight: 1 } },
      0,
    );
    for (const dueAtMs of [Infinity, 300, 100, 200]) pacing.queue(leg(String(dueAtMs), 'trunk', { dueAtMs }));
    const order: string[] = [];
    for (let step = 0; step < 4; step++) {
      for (const taken of pacing.take(step)) {
        order.push(taken.id);
        pacing.release(taken.peer);
      }
    }
    expect(order).toEqual(['100', '200', '300', 'Infinity']);
  });

  test('a leg waits for its time and then ranks by its urgency', () => {
    const pacing = new Pacing({ legsPerSecond: 1_000, perPeer: { legsPerSecond: 1_000, maxInFlight: 9 } }, 0);
    pacing.queue(leg('later', 'a', { notBeforeMs: 500 }));
    expect(pacing.take(499)).toEqual([]);
    expect(pacing.nextTakeMs(499)).toBe(500);
    expect(pacing.take(500).map(({ id }) => id)).toEqual(['later']);
    expect(pacing.waiting).toBe(0);
  });

  test('the next take is promised no earlier than a token, and gives one', () => {
    const pacing = new Pacing({ legsPerSecond: 4, perPeer: { legsPerSecond: 3, maxInFlight: 9 } }, 0);
    fill(pacing, 3, 'trunk');
    expect(pacing.take(0)).toHaveLength(1);
    const nextMs = pacing.nextTakeMs(0);
    expect(nextMs).toBe(250);
    expect(pacing.take(nextMs)).toEqual([]);
    const held = pacing.nextTakeMs(nextMs);
    expect(held).toBe(334);
    expect(pacing.take(held)).toHaveLength(1);
  });

  test('twenty thousand legs of one trunk are lined up and taken without being looked at again and again', () => {
    const pacing = new Pacing(
      { legsPerSecond: 4_000, perPeer: { legsPerSecond: 1_000, maxInFlight: 200 } },
      0,
    );
    fill(pacing, 20_000, 'trunk');
    expect(drain(pacing, 20_000)).toHaveLength(20_000);
    expect(pacing.waiting).toBe(0);
  });
});

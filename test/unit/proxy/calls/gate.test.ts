import { describe, expect, it } from '@jest/globals';
import { Gate } from '../../../../src/proxy/calls/gate.ts';
import { TimingWheel } from '../../../../src/runtime/timing-wheel.ts';

/** A gate for sequence 7, and what happens at it in order. */
function newGate(): { gate: Gate; log: string[]; wheel: TimingWheel; pass: (byMs: number) => void } {
  let nowMs = 0;
  let due: { atMs: number; callback: () => void }[] = [];
  const wheel = new TimingWheel({
    nowMs: () => nowMs,
    after: (delayMs, callback) => {
      due.push({ atMs: nowMs + delayMs, callback });
    },
  });
  const log: string[] = [];
  const options = { wheel, protectTimeoutMs: 100, unprotected: () => log.push('unprotected') };
  const gate = new Gate(options, 7, () => log.push('closed'));
  const pass = (byMs: number): void => {
    nowMs += byMs;
    const now = due;
    due = [];
    for (const { callback } of now) callback();
  };
  return { gate, log, wheel, pass };
}

describe('a gate', () => {
  it('lets go in order once its sequence is acknowledged, and leaves no timer', () => {
    const { gate, log, wheel } = newGate();
    gate.push(() => log.push('first'));
    gate.push(() => log.push('second'));
    gate.acknowledged(6);
    expect(log).toEqual([]);
    gate.acknowledged(7);
    expect(log).toEqual(['closed', 'first', 'second']);
    expect(wheel.size).toBe(0);
  });

  it('lets go when time is up, and says so', () => {
    const { gate, log, pass } = newGate();
    gate.push(() => log.push('first'));
    pass(90);
    expect(log).toEqual([]);
    pass(20);
    expect(log).toEqual(['unprotected', 'closed', 'first']);
  });

  it('lets go at once when it is told to, whatever was acknowledged', () => {
    const { gate, log, pass } = newGate();
    gate.push(() => log.push('first'));
    gate.release();
    pass(200);
    expect(log).toEqual(['closed', 'first']);
  });
});

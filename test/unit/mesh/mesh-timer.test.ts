import { createSocket } from 'node:dgram';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { MeshTimer } from '../../../src/mesh/mesh-timer.ts';

describe('mesh timer', () => {
  let nowMs: number;
  let story: string[];
  let timer: MeshTimer;

  const pass = (ms: number): void => {
    nowMs += ms;
    jest.advanceTimersByTime(ms);
  };

  beforeEach(() => {
    jest.useFakeTimers();
    nowMs = 1000;
    story = [];
    timer = new MeshTimer(
      () => nowMs,
      () => story.push(`fired at ${String(nowMs)}`),
    );
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('fires at the earliest time that was asked for, once', () => {
    timer.wakeAt(1500);
    timer.wakeAt(1200);
    timer.wakeAt(1400);
    pass(200);
    expect(story).toEqual(['fired at 1200']);
    pass(1000);
    expect(story).toHaveLength(1);
  });

  it('is set again after it fired', () => {
    timer.wakeAt(1100);
    pass(100);
    timer.wakeAt(1150);
    pass(50);
    expect(story).toEqual(['fired at 1100', 'fired at 1150']);
  });

  it('never fires for the end of time, nor after it was stopped', () => {
    timer.wakeAt(Infinity);
    timer.wakeAt(1100);
    timer.stop();
    pass(100_000);
    expect(story).toEqual([]);
  });

  it('after a pause lets the input that waits in a socket come first', async () => {
    jest.useRealTimers();
    const [receiver, sender] = [createSocket('udp4'), createSocket('udp4')];
    await new Promise<void>((resolve) => receiver.bind(0, '127.0.0.1', resolve));
    await new Promise<void>((resolve) => {
      sender.connect(receiver.address().port, '127.0.0.1', resolve);
    });
    receiver.on('message', () => story.push('input'));
    const realMs = (): number => performance.now();
    const late = new MeshTimer(realMs, () => story.push('fired'));
    late.wakeAt(realMs() + 5);
    sender.send('x');
    const awakeMs = realMs() + 120;
    while (realMs() < awakeMs);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(story).toEqual(['input', 'fired']);
    receiver.close();
    sender.close();
  });
});

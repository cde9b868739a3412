import { describe, expect, it } from '@jest/globals';
import { EventLoopLag } from '../../../src/proxy/event-loop-lag.ts';

describe('event loop lag', () => {
  it('shows a block of the loop once, and not the interval of its own timer', async () => {
    const lag = new EventLoopLag();
    expect(lag.take()).toEqual({ p50: 0, p99: 0, max: 0 });
    lag.start();
    await pause(100);
    const endMs = performance.now() + 300;
    while (performance.now() < endMs);
    await pause(100);
    const blocked = lag.take();
    expect(blocked.max).toBeGreaterThan(0.2);
    expect(blocked.p50).toBeLessThan(blocked.max);
    await pause(100);
    expect(lag.take().max).toBeLessThan(blocked.max);
    lag.stop();
  });
});

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

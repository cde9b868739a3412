import { describe, expect, test } from '@jest/globals';
import { untilToldToStop } from '../../../src/runtime/told-to-stop.ts';

describe('being told to stop', () => {
  test('is heard once, by who waits already and by who asks later', async () => {
    const first = untilToldToStop();
    process.emit('SIGTERM');
    await first;
    await expect(untilToldToStop()).resolves.toBeUndefined();
  });

  test('leaves the second signal to the system', () => {
    expect(process.listenerCount('SIGTERM')).toBe(0);
  });
});

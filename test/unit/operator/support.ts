import { createLogger } from 'winston';
import type { Logger } from '../../../src/runtime/logger.ts';

export const silentLog: Logger = createLogger({ silent: true });

/** Waits until the condition holds; rejects after `limitMs`. */
export async function until(
  condition: () => boolean,
  limitMs = 15_000,
  what: string = condition.toString(),
): Promise<void> {
  const limit = Date.now() + limitMs;
  while (!condition()) {
    if (Date.now() > limit) throw new Error(`it did not happen in ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

import type { Logger } from '../../runtime/logger.ts';
import type { ProxyMetrics } from '../metrics.ts';

/** What a failure is told to. */
export interface FailureSinks {
  readonly log: Logger;
  readonly metrics: Pick<ProxyMetrics, 'drops'>;
}

/** Counts and tells an error that a message or an event met: what it was doing is dropped, everything else goes on (promise 7). */
export function noteFailure(
  { log, metrics }: FailureSinks,
  code: 'MESSAGE_FAILED' | 'UNCAUGHT',
  error: unknown,
): void {
  metrics.drops.inc({ reason: 'internal_error' });
  const what = code === 'UNCAUGHT' ? 'an event could not be acted on' : 'a message could not be handled';
  log.error(what, { code, error: String(error), stack: (error as Error).stack });
}

import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 20;
const NS_PER_S = 1e9;

/** How late the event loop was since the last look, in seconds. */
export interface LagSample {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Watches how late timers fire: what the event loop was busy with for so long. */
export class EventLoopLag {
  readonly #histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

  start(): void {
    this.#histogram.enable();
  }

  stop(): void {
    this.#histogram.disable();
  }

  /** The lag since the last call; what the histogram holds are intervals between its own timers. */
  take(): LagSample {
    const { count, max } = this.#histogram;
    const late = (intervalNs: number): number =>
      count === 0 ? 0 : Math.max(0, intervalNs / NS_PER_S - RESOLUTION_MS / 1000);
    const sample = {
      p50: late(this.#histogram.percentile(50)),
      p99: late(this.#histogram.percentile(99)),
      max: late(max),
    };
    this.#histogram.reset();
    return sample;
  }
}

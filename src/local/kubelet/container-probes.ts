import type { Container, HttpProbe } from '../../kube/objects.ts';
import type { Clock } from '../../runtime/clock.ts';
import { ProbeVerdict } from './probe-verdict.ts';

/** What the probes of a container need, and whom they tell. */
export interface ContainerProbesOptions {
  readonly clock: Clock;
  readonly container: Container;
  readonly ask: (probe: HttpProbe) => Promise<boolean>;
  /** Whether the container is ready has changed. */
  readonly onReady: (ready: boolean) => void;
  /** The container must be started again. */
  readonly onFailed: (probe: 'Liveness' | 'Startup') => void;
}

/**
 * The probes of one run of a container, until they are stopped: startup first, then readiness and liveness. Without a readiness
 * probe it is ready once it has started.
 */
export class ContainerProbes {
  readonly #options: ContainerProbesOptions;
  #stopped = false;

  constructor(options: ContainerProbesOptions) {
    this.#options = options;
  }

  start(): void {
    const { container, onFailed } = this.#options;
    const { startupProbe } = container;
    if (startupProbe === undefined) {
      this.#started();
      return;
    }
    const verdict = new ProbeVerdict(startupProbe, true);
    this.#ask(startupProbe, verdict.periodMs, (success) => {
      if (success) this.#started();
      else if (verdict.note(false)) onFailed('Startup');
      else return true;
      return false;
    });
  }

  stop(): void {
    this.#stopped = true;
  }

  #started(): void {
    const { container, onReady, onFailed } = this.#options;
    const { readinessProbe, livenessProbe } = container;
    if (readinessProbe === undefined) onReady(true);
    else this.#follow(readinessProbe, new ProbeVerdict(readinessProbe, false), onReady);
    if (livenessProbe === undefined) return;
    this.#follow(livenessProbe, new ProbeVerdict(livenessProbe, true), () => {
      this.stop();
      onFailed('Liveness');
    });
  }

  /** Tells of every change of a verdict. */
  #follow(probe: HttpProbe, verdict: ProbeVerdict, onChange: (good: boolean) => void): void {
    this.#ask(probe, verdict.periodMs, (success) => {
      if (verdict.note(success)) onChange(verdict.good);
      return true;
    });
  }

  /** Asks after the probe's initial delay, and again after each answer for which `take` says so. */
  #ask(probe: HttpProbe, periodMs: number, take: (success: boolean) => boolean): void {
    const { clock, ask } = this.#options;
    const askAfter = (delayMs: number): void => {
      clock.after(delayMs, () => {
        if (this.#stopped) return;
        void ask(probe).then((success) => {
          if (!this.#stopped && take(success)) askAfter(periodMs);
        });
      });
    };
    askAfter((probe.initialDelaySeconds ?? 0) * 1000);
  }
}

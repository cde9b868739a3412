import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** The metrics of one process, each declared once as a field of a class that extends this one. */
export abstract class MetricSet {
  readonly registry: Registry = new Registry();
  readonly #samplers: (() => void)[] = [];

  /** Calls `sample` before each scrape, to set gauges. */
  onScrape(sample: () => void): void {
    this.#samplers.push(sample);
  }

  /** All metrics in the text format of Prometheus. */
  text(): Promise<string> {
    for (const sample of this.#samplers) sample();
    return this.registry.metrics();
  }

  protected counter<L extends string = never>(name: string, help: string, labelNames: L[] = []): Counter<L> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  protected gauge<L extends string = never>(name: string, help: string, labelNames: L[] = []): Gauge<L> {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }

  /** `buckets`: upper bounds in seconds. */
  protected histogram<L extends string = never>(
    name: string,
    help: string,
    { buckets, labelNames = [] }: { buckets: number[]; labelNames?: L[] },
  ): Histogram<L> {
    return new Histogram({ name, help, labelNames, buckets, registers: [this.registry] });
  }
}

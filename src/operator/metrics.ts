import { Counter, Gauge, Histogram, Registry } from 'prom-client';

const PLAN_BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];

/** The metrics of one operator, each declared once. */
export class OperatorMetrics {
  readonly registry: Registry = new Registry();

  readonly leading: Gauge = this.gauge(
    'rehome_operator_leading',
    '1 while this operator leads, 0 while another one does.',
  );
  readonly clusters: Gauge = this.gauge('rehome_operator_clusters', 'SipClusters that are looked after.');
  readonly pods: Gauge<'state'> = this.gauge(
    'rehome_operator_pods',
    'Pods with an address, by whether their control API answers: reached, silent.',
    ['state'],
  );
  readonly votes: Gauge = this.gauge(
    'rehome_operator_votes',
    'Clusters of two pods in which this operator is the third voter.',
  );
  readonly plans: Counter<'outcome'> = this.counter(
    'rehome_operator_plans_total',
    'Plans made, by outcome: unchanged (nothing to do), done, failed (a step did not succeed).',
    ['outcome'],
  );
  readonly steps: Counter<'type' | 'outcome'> = this.counter(
    'rehome_operator_steps_total',
    'Steps of plans, by type and outcome: done, failed.',
    ['type', 'outcome'],
  );
  readonly planSeconds: Histogram = new Histogram({
    name: 'rehome_operator_plan_seconds',
    help: 'From taking a cluster from the queue to the end of the last step.',
    buckets: PLAN_BUCKETS_S,
    registers: [this.registry],
  });
  readonly notes: Counter<'code'> = this.counter(
    'rehome_operator_mesh_notes_total',
    'Noteworthy events of the mesh in clusters where the operator votes, by code.',
    ['code'],
  );
  readonly drops: Counter<'reason'> = this.counter(
    'rehome_operator_mesh_drops_total',
    'Packets and connections dropped in clusters where the operator votes, by reason.',
    ['reason'],
  );

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

  private counter<L extends string = never>(name: string, help: string, labelNames: L[] = []): Counter<L> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  private gauge<L extends string = never>(name: string, help: string, labelNames: L[] = []): Gauge<L> {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }
}

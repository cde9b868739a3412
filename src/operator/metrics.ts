import type { Counter, Gauge, Histogram } from 'prom-client';
import { MetricSet } from '../runtime/metric-set.ts';

const PLAN_BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];

/** The metrics of one operator, each declared once. */
export class OperatorMetrics extends MetricSet {
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
  readonly planSeconds: Histogram = this.histogram(
    'rehome_operator_plan_seconds',
    'From taking a cluster from the queue to the end of the last step.',
    { buckets: PLAN_BUCKETS_S },
  );
  readonly relists: Counter<'kind' | 'cause'> = this.counter(
    'rehome_operator_relists_total',
    'Times that all objects of a kind were listed, by cause: start, expired (the version was too old), silent (no word for 90 s), error.',
    ['kind', 'cause'],
  );
  readonly foundByRelist: Counter<'kind'> = this.counter(
    'rehome_operator_found_by_relist_total',
    'Changes that only a list showed, of which no watch had told.',
    ['kind'],
  );
  readonly watchFailures: Counter<'kind'> = this.counter(
    'rehome_operator_watch_failures_total',
    'Lists and watches that failed or were cut, by kind; each begins again.',
    ['kind'],
  );
  readonly apiSilence: Gauge<'kind'> = this.gauge(
    'rehome_operator_api_silence_seconds',
    'Since the API was last heard about a kind; bookmarks come about once a minute.',
    ['kind'],
  );
  readonly eventsDropped: Counter = this.counter(
    'rehome_operator_events_dropped_total',
    'Events that were left out because there were too many of one object.',
  );
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
}

import { Counter, Gauge, Histogram, Registry } from 'prom-client';

const FAILOVER_BUCKETS_S = [0.05, 0.1, 0.25, 0.5, 1, 1.5, 2, 3, 5, 10, 30, 60];

/** The metrics of one proxy, each declared once. */
export class ProxyMetrics {
  readonly registry: Registry = new Registry();
  readonly callsStarted: Counter = this.counter('rehome_calls_started_total', 'INVITEs that began a call.');
  readonly callsAnswered: Counter = this.counter('rehome_calls_answered_total', 'Calls answered with a 2xx.');
  readonly callsEnded: Counter<'cause'> = this.counter('rehome_calls_ended_total', 'Answered calls that ended, by cause.', ['cause']);
  readonly callsLost: Counter<'reason'> = this.counter('rehome_calls_lost_total', 'Calls lost with an owner or a drain, by reason.', ['reason']);
  readonly dialogs: Gauge<'state' | 'role'> = this.gauge('rehome_dialogs', 'Dialogs by state and by the role of this pod.', ['state', 'role']);
  readonly transactions: Gauge = this.gauge('rehome_transactions', 'SIP transactions that are not over.');
  readonly timers: Gauge = this.gauge('rehome_timers', 'Timers that are set.');
  readonly heldMessages: Gauge = this.gauge('rehome_held_messages', 'Messages that wait for an owner.');
  readonly forwardedMessages: Counter = this.counter('rehome_forwarded_messages_total', 'Messages handed to the pod that owns their dialog.');
  readonly drops: Counter<'reason'> = this.counter('rehome_drops_total', 'Messages and packets dropped, by reason.', ['reason']);
  readonly rehomes: Counter<'result' | 'cause'> = this.counter('rehome_legs_total', 'Legs re-homed or not, by result and cause.', ['result', 'cause']);
  readonly refusedLegs: Counter<'status'> = this.counter('rehome_legs_refused_total', 'Refusals of re-home requests, by status code.', ['status']);
  readonly legsWaiting: Gauge = this.gauge('rehome_legs_waiting', 'Legs that wait for their turn to be re-homed.');
  readonly failoverSeconds: Histogram<'stage'> = new Histogram({
    name: 'rehome_failover_seconds',
    help: 'From the take-over of a tag to its first re-home request and to the last answer.',
    labelNames: ['stage'],
    buckets: FAILOVER_BUCKETS_S,
    registers: [this.registry],
  });
  readonly unprotectedAnswers: Counter<'reason'> = this.counter(
    'rehome_unprotected_answers_total',
    'Messages that completed an offer/answer and left before a standby had it, by reason.',
    ['reason'],
  );
  readonly meshMembers: Gauge<'state'> = this.gauge('rehome_mesh_members', 'Members of the roster, by state.', ['state']);
  readonly meshBytes: Counter = this.counter('rehome_mesh_sent_bytes_total', 'Bytes written to mesh streams.');
  readonly replicationLag: Gauge = this.gauge('rehome_replication_lag', 'Changes that no standby has acknowledged yet.');
  readonly eventLoopLag: Gauge<'quantile'> = this.gauge('rehome_event_loop_lag_seconds', 'Delay of the event loop.', ['quantile']);

  private counter<L extends string = never>(name: string, help: string, labelNames: L[] = []): Counter<L> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  private gauge<L extends string = never>(name: string, help: string, labelNames: L[] = []): Gauge<L> {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }
}

import type { Counter, Gauge, Histogram } from 'prom-client';
import { MetricSet } from '../runtime/metric-set.ts';

const FAILOVER_BUCKETS_S = [0.05, 0.1, 0.25, 0.5, 1, 1.5, 2, 3, 5, 10, 30, 60];

/** The metrics of one proxy, each declared once. */
export class ProxyMetrics extends MetricSet {
  readonly callsStarted: Counter = this.counter('rehome_calls_started_total', 'INVITEs that began a call.');
  readonly callsAnswered: Counter = this.counter('rehome_calls_answered_total', 'Calls answered with a 2xx.');
  readonly callsEnded: Counter<'cause'> = this.counter(
    'rehome_calls_ended_total',
    'Answered calls that ended, by cause.',
    ['cause'],
  );
  readonly callsLost: Counter<'reason'> = this.counter(
    'rehome_calls_lost_total',
    'Calls lost with an owner or a drain, by reason.',
    ['reason'],
  );
  readonly dialogs: Gauge<'state' | 'role'> = this.gauge(
    'rehome_dialogs',
    'Dialogs by state and by the role of this pod; of copies only the number is known.',
    ['state', 'role'],
  );
  readonly transactions: Gauge = this.gauge('rehome_transactions', 'SIP transactions that are not over.');
  readonly timers: Gauge = this.gauge('rehome_timers', 'Timers that are set.');
  readonly heldMessages: Gauge = this.gauge('rehome_held_messages', 'Messages that wait for an owner.');
  readonly forwardedMessages: Counter = this.counter(
    'rehome_forwarded_messages_total',
    'Messages handed to the pod that owns their dialog.',
  );
  readonly drops: Counter<'reason'> = this.counter(
    'rehome_drops_total',
    'Messages, packets and connections dropped, by reason.',
    ['reason'],
  );
  readonly unprotectedAnswers: Counter<'reason'> = this.counter(
    'rehome_unprotected_answers_total',
    'Messages that completed an offer/answer and left before a standby had it, by reason.',
    ['reason'],
  );
  readonly keyReloads: Counter<'ring' | 'outcome'> = this.counter(
    'rehome_key_reloads_total',
    'Changes of a key file, by ring (mesh, tokens) and outcome: taken, refused.',
    ['ring', 'outcome'],
  );

  readonly targetUp: Gauge<'target' | 'address'> = this.gauge(
    'rehome_target_up',
    'Whether a probed address of a target is there (1) or down (0).',
    ['target', 'address'],
  );

  readonly rehomes: Counter<'result' | 'cause'> = this.counter(
    'rehome_legs_total',
    'Legs re-homed or not, by result and cause.',
    ['result', 'cause'],
  );
  readonly refusedLegs: Counter<'status'> = this.counter(
    'rehome_legs_refused_total',
    'Refusals of re-home requests, by status code.',
    ['status'],
  );
  readonly legsWaiting: Gauge = this.gauge(
    'rehome_legs_waiting',
    'Legs that wait for their turn to be re-homed.',
  );
  readonly moves: Counter<'cause' | 'outcome'> = this.counter(
    'rehome_moves_total',
    'Planned moves of tags away from this pod, by cause and outcome: moved, returned, refused.',
    ['cause', 'outcome'],
  );
  readonly failoverSeconds: Histogram<'stage'> = this.histogram(
    'rehome_failover_seconds',
    'noticed: from the last sign of life of a member to its death as this pod sees it. taken_over: from there to ' +
      'acting for a tag. first_request, last_answer: from acting to the first re-home request and to the last answer.',
    { buckets: FAILOVER_BUCKETS_S, labelNames: ['stage'] },
  );

  readonly meshMembers: Gauge<'state'> = this.gauge(
    'rehome_mesh_members',
    'Members of the roster, this pod included, by state: alive, dead.',
    ['state'],
  );
  readonly meshLinks: Gauge = this.gauge('rehome_mesh_links', 'Streams with other members that are up.');
  readonly tags: Gauge<'role'> = this.gauge(
    'rehome_tags',
    'Sharing tags by the role of this pod: owner, standby, holder, none.',
    ['role'],
  );
  readonly tagsActing: Gauge = this.gauge('rehome_tags_acting', 'Tags for which this pod may act now.');
  readonly meshBytes: Counter = this.counter(
    'rehome_mesh_sent_bytes_total',
    'Bytes written to mesh streams.',
  );
  readonly meshReceivedBytes: Counter = this.counter(
    'rehome_mesh_received_bytes_total',
    'Bytes read from mesh streams.',
  );
  readonly meshWaitingBytes: Gauge = this.gauge(
    'rehome_mesh_waiting_bytes',
    'Bytes that wait in this process for slow members.',
  );
  readonly meshNotes: Counter<'code'> = this.counter(
    'rehome_mesh_notes_total',
    'Noteworthy events of the mesh, by code.',
    ['code'],
  );
  readonly replicationLag: Gauge = this.gauge(
    'rehome_replication_lag',
    'Changes that no standby has acknowledged yet, over all tags of this pod.',
  );
  readonly eventLoopLag: Gauge<'quantile'> = this.gauge(
    'rehome_event_loop_lag_seconds',
    'Delay of the event loop since the last scrape.',
    ['quantile'],
  );
}

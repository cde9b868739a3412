import { StringDecoder } from 'node:string_decoder';
import type { KubeObject } from '../api/object-type.ts';
import type { Clock } from '../runtime/clock.ts';
import { KubeError, type KubeApi, type ObjectRef } from './api.ts';
import { EVENTS } from './kinds.ts';
import { microTime } from './micro-time.ts';
import type { KubeEvent } from './objects.ts';

/** Events that say the same within this time are one series (client-go's events broadcaster). */
const SERIES_MS = 6 * 60_000;
/** A series that grows is written at most so often. */
const SERIES_WRITE_MS = 10_000;
/** Events of one object at once, and the time for one more: what repeats without end must not fill the API. */
const BURST = 100;
const REFILL_MS = 10_000;
/** A bound of the API. */
const NOTE_BYTES = 1024;
const CUT_OFF = '…';

/** What happened to an object. */
export interface Happening {
  type: 'Normal' | 'Warning';
  /** CamelCase, from the table of reasons. */
  reason: string;
  /** CamelCase: what was done. */
  action: string;
  note: string;
}

export interface EventRecorderOptions {
  api: KubeApi;
  clock: Clock;
  /** Milliseconds since 1970. */
  wallMs: () => number;
  /** Who reports, and which process of it. */
  controller: string;
  instance: string;
  /** Told of each event that could not be written. */
  onFailure?: (error: unknown) => void;
  /** Told of each event that was left out because there were too many of one object. */
  onDropped?: () => void;
}

/** Happenings that say the same of one object. */
interface Series {
  ref: ObjectRef;
  event: KubeEvent;
  count: number;
  lastMs: number;
  /** The count is written once more, soon. */
  due: boolean;
}

/** Writes Events of objects: repetitions as series, and no more than is bearable. It never throws: Events are best effort. */
export class EventRecorder {
  private readonly options: EventRecorderOptions;
  private readonly series = new Map<string, Series>();
  /** Per uid, how many more events it may have, and when that was so. */
  private readonly allowances = new Map<string, { left: number; atMs: number }>();
  private made = 0;

  constructor(options: EventRecorderOptions) {
    this.options = options;
  }

  record(regarding: KubeObject, happening: Happening): void {
    const nowMs = this.options.clock.nowMs();
    this.forget(nowMs);
    const { type, reason, action, note } = happening;
    const key = JSON.stringify([regarding.metadata.uid, type, reason, action, note]);
    const known = this.series.get(key);
    if (known !== undefined) this.repeat(known, nowMs);
    else if (this.mayWrite(regarding.metadata.uid ?? '', nowMs)) this.begin(key, regarding, happening);
    else this.options.onDropped?.();
  }

  private begin(key: string, regarding: KubeObject, happening: Happening): void {
    const event = this.newEvent(regarding, happening);
    const ref = { namespace: event.metadata.namespace ?? '', name: event.metadata.name };
    this.series.set(key, { ref, event, count: 1, lastMs: this.options.clock.nowMs(), due: false });
    void this.write(() => this.options.api.create(EVENTS, event));
  }

  private repeat(series: Series, nowMs: number): void {
    series.count++;
    series.lastMs = nowMs;
    if (series.due) return;
    series.due = true;
    this.options.clock.after(SERIES_WRITE_MS, () => {
      series.due = false;
      void this.write(() => this.writeSeries(series));
    });
  }

  private async writeSeries({ ref, event, count }: Series): Promise<unknown> {
    const { api, wallMs } = this.options;
    const series = { count, lastObservedTime: microTime(wallMs()) };
    try {
      return await api.patch(EVENTS, ref, [{ op: 'add', path: '/series', value: series }]);
    } catch (error) {
      // Events live for an hour at most: one that is gone is made anew.
      if (!(error instanceof KubeError && error.reason === 'NotFound')) throw error;
      return api.create(EVENTS, { ...event, series });
    }
  }

  private async write(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.options.onFailure?.(error);
    }
  }

  private newEvent(regarding: KubeObject, { type, reason, action, note }: Happening): KubeEvent {
    const { controller, instance, wallMs } = this.options;
    const { name, namespace, uid } = regarding.metadata;
    const nowMs = wallMs();
    const serial = `${Math.floor(nowMs).toString(16)}${(this.made++ % 0x1000).toString(16).padStart(3, '0')}`;
    return {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      // Events of what has no namespace are in this one.
      metadata: { name: `${name}.${serial}`, namespace: namespace ?? 'default' },
      eventTime: microTime(nowMs),
      type,
      reason,
      action,
      note: shortened(note),
      reportingController: controller,
      reportingInstance: instance,
      regarding: {
        apiVersion: regarding.apiVersion,
        kind: regarding.kind,
        name,
        ...(namespace === undefined ? {} : { namespace }),
        ...(uid === undefined ? {} : { uid }),
      },
    };
  }

  private mayWrite(uid: string, nowMs: number): boolean {
    const { left, atMs } = this.allowances.get(uid) ?? { left: BURST, atMs: nowMs };
    const now = Math.min(BURST, left + (nowMs - atMs) / REFILL_MS);
    if (now < 1) return false;
    this.allowances.set(uid, { left: now - 1, atMs: nowMs });
    return true;
  }

  private forget(nowMs: number): void {
    for (const [key, { lastMs, due }] of this.series)
      if (!due && nowMs - lastMs > SERIES_MS) this.series.delete(key);
    for (const [uid, { atMs }] of this.allowances)
      if (nowMs - atMs > BURST * REFILL_MS) this.allowances.delete(uid);
  }
}

function shortened(note: string): string {
  const bytes = Buffer.from(note);
  if (bytes.length <= NOTE_BYTES) return note;
  // What is left of a character that was cut in two is kept back.
  const whole = new StringDecoder().write(bytes.subarray(0, NOTE_BYTES - Buffer.byteLength(CUT_OFF)));
  return whole + CUT_OFF;
}

import { Phone } from '../phone.ts';
import { TimerSet } from '../timer-set.ts';
import { pause, until } from '../until.ts';
import { wallClockMs } from '../wall-clock.ts';
import type { Callees } from './callees.ts';
import { Entrances } from './entrances.ts';
import { RunCall } from './run-call.ts';
import type { CallSummary, RunContacts, RunLedger, RunRequest } from './run-type.ts';

/** Calls are hung up at this pace, so that the BYEs of thousands do not meet in one moment. */
const HANG_UPS_PER_SECOND = 100;
/** 64*T1 and a little; an INVITE that has only a provisional response then stays `calling`. */
const FINAL_WITHIN_MS = 35_000;

/** A group of calls: its callers have sockets of their own. */
export class Run {
  readonly request: RunRequest;
  readonly #callers: readonly Phone[];
  readonly #callees: Callees;
  readonly #entrances: Entrances;
  readonly #calls: RunCall[] = [];
  /** Calls that are being placed. */
  readonly #ringing = new Set<Promise<void>>();
  readonly #startedAtMs = wallClockMs();
  readonly #timers = new TimerSet();
  #placing = true;

  private constructor(request: RunRequest, callers: readonly Phone[], callees: Callees) {
    this.request = request;
    this.#callers = callers;
    this.#callees = callees;
    this.#entrances = new Entrances(request.through);
  }

  /** Opens the callers' sockets at `address`. */
  static async open(request: RunRequest, address: string, callees: Callees): Promise<Run> {
    const { transport, sockets } = request;
    const callers = await Promise.all(
      Array.from({ length: sockets }, () => Phone.open({ address, transport })),
    );
    return new Run(request, callers, callees);
  }

  /** Begins to place calls. */
  begin(): void {
    this.#placeNext();
  }

  /** Places no more calls; those that there are go on. */
  stop(): void {
    this.#placing = false;
  }

  /** Stops, and hangs all calls up, one half by their callers; what came of it all. */
  async hangUp(): Promise<RunLedger> {
    this.stop();
    await until(() => this.#ringing.size === 0, FINAL_WITHIN_MS, 'final responses').catch(() => undefined);
    const up = this.#calls.filter((call) => call.isUp);
    const ends = up.map(async (call, index) => {
      await pause((index / HANG_UPS_PER_SECOND) * 1000);
      await call.hangUp(index % 2 === 0 ? 'caller' : 'callee');
    });
    await Promise.all(ends);
    return this.ledger();
  }

  /** What has happened so far. */
  ledger(): RunLedger {
    const calls = this.#calls.map((call) => call.summary());
    const count = (state: CallSummary['state']): number =>
      calls.filter((call) => call.state === state).length;
    return {
      run: this.request.name,
      startedAtMs: this.#startedAtMs,
      nowMs: wallClockMs(),
      placing: this.#placing,
      placed: calls.length,
      answered: calls.filter(({ answeredAtMs }) => answeredAtMs > 0).length,
      up: count('up'),
      ended: count('ended'),
      failed: count('failed'),
      calls,
      strays: this.#callers.flatMap(({ strays }) => strays),
    };
  }

  /** Where its calls are. */
  contacts(): RunContacts {
    const ofCalls = this.#calls.map((call) => call.contacts());
    const contacts: Record<string, number> = {};
    for (const contact of ofCalls.flat()) contacts[contact] = (contacts[contact] ?? 0) + 1;
    const up = ofCalls.filter((ends) => ends.length > 0).length;
    return { run: this.request.name, nowMs: wallClockMs(), up, contacts };
  }

  /** Hangs everything up and closes the callers' sockets. */
  async end(): Promise<void> {
    await this.hangUp();
    this.#timers.clear();
    await Promise.all(this.#callers.map((phone) => phone.close()));
  }

  #placeNext(): void {
    const { name, count, perSecond, talkEveryMs } = this.request;
    const index = this.#calls.length;
    if (count > 0 && index >= count) this.#placing = false;
    const caller = this.#callers[index % this.#callers.length];
    if (!this.#placing || caller === undefined) return;
    const call = new RunCall({
      ...{ caller, talkEveryMs },
      callees: this.#callees,
      name: `${name}-${index + 1}`,
    });
    this.#calls.push(call);
    const carried = this.#carry(call).finally(() => this.#ringing.delete(carried));
    this.#ringing.add(carried);
    const dueMs = this.#startedAtMs + (this.#calls.length / perSecond) * 1000;
    this.#timers.after(Math.max(0, dueMs - wallClockMs()), () => {
      this.#placeNext();
    });
  }

  async #carry(call: RunCall): Promise<void> {
    await call.place(this.#entrances.next());
    const { holdMs } = this.request;
    if (holdMs === 0 || !call.isUp) return;
    this.#timers.after(holdMs, () => {
      void call.hangUp('caller');
    });
  }
}

import type { Effect } from '../../../../src/sip/transaction/effect.ts';
import type { Input } from '../../../../src/sip/transaction/input.ts';
import {
  DEFAULT_TIMERS,
  type TimerName,
  type TransactionOptions,
} from '../../../../src/sip/transaction/timers.ts';
import { step, type Transaction } from '../../../../src/sip/transaction/transaction.ts';
import { parsed, requestText, responseText } from './messages.ts';

export const UDP: TransactionOptions = { reliable: false, timers: DEFAULT_TIMERS };
export const TCP: TransactionOptions = { reliable: true, timers: DEFAULT_TIMERS };

/** Runs one transaction on virtual time and writes down what it asked for. */
export class VirtualRun<T extends Transaction> {
  readonly tx: T;
  nowMs = 0;
  /** Running timers and when they are due. */
  readonly timers: Map<TimerName, number> = new Map<TimerName, number>();
  /** What was sent, in order. */
  readonly sent: { atMs: number; text: string }[] = [];
  /** Everything but timers: `send INVITE`, `send 200`, `deliver 180`, `timeout` … */
  log: string[] = [];
  finished = false;
  /** Whether the network says at once that it cannot send. */
  unreachable = false;

  constructor(tx: T) {
    this.tx = tx;
  }

  /** Gives the input to the transaction and returns what it asked for besides timers. */
  input(input: Input): string[] {
    const before = this.log.length;
    for (const effect of step(this.tx, input, this.nowMs)) {
      if (this.finished) throw new Error(`${effect.type} after the end`);
      this.#perform(effect);
    }
    if (this.finished && this.timers.size > 0) throw new Error('a timer outlives its transaction');
    return this.log.slice(before);
  }

  start(): string[] {
    return this.input({ type: 'start' });
  }

  request(method: string): string[] {
    return this.input({ type: 'request', message: parsed(requestText(method)) });
  }

  respond(status: number): string[] {
    return this.input({ type: 'respond', status, text: responseText(status, 'INVITE') });
  }

  response(status: number, method = 'INVITE', toTag = 't1'): string[] {
    const message = parsed(responseText(status, method, toTag));
    return this.input({ type: 'response', status, message });
  }

  transportError(): string[] {
    return this.input({ type: 'transportError' });
  }

  /** Lets time pass, firing what is due, and returns what the transaction asked for. */
  advance(byMs: number): string[] {
    const before = this.log.length;
    const untilMs = this.nowMs + byMs;
    for (let next = this.#next(untilMs); next !== undefined; next = this.#next(untilMs)) {
      const [timer, dueMs] = next;
      this.nowMs = dueMs;
      this.timers.delete(timer);
      this.input({ type: 'timer', timer });
    }
    this.nowMs = untilMs;
    return this.log.slice(before);
  }

  /** Times at which something was sent. */
  sendTimes(): number[] {
    return this.sent.map(({ atMs }) => atMs);
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case 'setTimer':
        this.timers.set(effect.timer, this.nowMs + effect.delayMs);
        break;
      case 'clearTimer':
        if (!this.timers.delete(effect.timer)) throw new Error(`timer ${effect.timer} does not run`);
        break;
      case 'send':
        this.sent.push({ atMs: this.nowMs, text: effect.text });
        this.log.push(`send ${nameOf(effect.text)}`);
        if (this.unreachable) this.transportError();
        break;
      case 'deliver':
        this.log.push(`deliver ${nameOf(effect.message.text)}`);
        break;
      case 'finished':
        this.finished = true;
        this.log.push('finished');
        break;
      case 'timeout':
      case 'transportFailed':
        this.log.push(effect.type);
    }
  }

  #next(untilMs: number): [TimerName, number] | undefined {
    let first: [TimerName, number] | undefined;
    for (const entry of this.timers) {
      if (entry[1] <= untilMs && (first === undefined || entry[1] < first[1])) first = entry;
    }
    return first;
  }
}

function nameOf(text: string): string {
  const [first = '', second = ''] = text.split(' ');
  return first === 'SIP/2.0' ? second : first;
}

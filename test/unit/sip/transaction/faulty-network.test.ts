import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createInviteClient } from '../../../../src/sip/transaction/invite-client.ts';
import { createInviteServer } from '../../../../src/sip/transaction/invite-server.ts';
import { createNonInviteClient } from '../../../../src/sip/transaction/non-invite-client.ts';
import { createNonInviteServer } from '../../../../src/sip/transaction/non-invite-server.ts';
import type { ClientTransaction, ServerTransaction } from '../../../../src/sip/transaction/transaction.ts';
import { parsed, requestText } from './messages.ts';
import { UDP, VirtualRun } from './virtual-run.ts';

/** What becomes of one datagram: a delay for each copy that arrives, none if it is lost. */
type Fate = number[];

interface Datagram {
  atMs: number;
  text: string;
}

const STEP_MS = 10;
const LONGEST_MS = 200_000;

/** A client and a server transaction with a network between them, on one virtual clock. */
class Exchange {
  readonly client: VirtualRun<ClientTransaction>;
  readonly server: VirtualRun<ServerTransaction>;
  readonly #fates: Fate[];
  #sent = 0;
  #toServer: Datagram[] = [];
  #toClient: Datagram[] = [];
  readonly #answers: { status: number; atMs: number }[];

  constructor(method: string, answers: { status: number; atMs: number }[], fates: Fate[]) {
    const request = requestText(method);
    const invite = method === 'INVITE';
    this.client = new VirtualRun(
      invite ? createInviteClient(request, UDP) : createNonInviteClient(request, UDP),
    );
    this.server = new VirtualRun(
      invite ? createInviteServer(UDP) : createNonInviteServer(parsed(request), UDP),
    );
    this.#answers = [...answers];
    this.#fates = fates;
  }

  /** Runs until both have ended, or for far longer than any timer. */
  run(): void {
    this.client.start();
    this.server.start();
    for (
      let nowMs = 0;
      nowMs < LONGEST_MS && !(this.client.finished && this.server.finished);
      nowMs += STEP_MS
    ) {
      this.#carry(this.client, this.#toServer);
      this.#carry(this.server, this.#toClient);
      this.#toServer = this.#arrive(this.#toServer, nowMs, (text) => {
        this.server.input({ type: 'request', message: parsed(text) });
      });
      this.#toClient = this.#arrive(this.#toClient, nowMs, (text) => {
        const message = parsed(text);
        this.client.input({ type: 'response', status: message.status, message });
      });
      this.#answer(nowMs);
      this.client.advance(STEP_MS);
      this.server.advance(STEP_MS);
    }
  }

  #answer(nowMs: number): void {
    const next = this.#answers[0];
    if (next === undefined || next.atMs > nowMs) return;
    this.#answers.shift();
    this.server.respond(next.status);
  }

  #carry(from: VirtualRun<ClientTransaction> | VirtualRun<ServerTransaction>, into: Datagram[]): void {
    for (const { atMs, text } of from.sent.splice(0)) {
      const fate = this.#fates[this.#sent % this.#fates.length] ?? [0];
      this.#sent += 1;
      for (const delayMs of fate) into.push({ atMs: atMs + delayMs, text });
    }
  }

  #arrive(queue: Datagram[], nowMs: number, receive: (text: string) => void): Datagram[] {
    for (const { text } of queue.filter(({ atMs }) => atMs <= nowMs)) receive(text);
    return queue.filter(({ atMs }) => atMs > nowMs);
  }
}

const delay = fc.integer({ min: 0, max: 3000 });
const faulty = fc.array(fc.array(delay, { maxLength: 3 }), { minLength: 1, maxLength: 12 });
const lossless = fc.array(fc.array(delay, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 12 });
const finalStatus = fc.constantFrom(200, 302, 404, 486, 503, 603);
const provisional = fc.array(fc.constantFrom(100, 180, 183), { maxLength: 3 });

function answersOf(early: number[], last: number, gapMs: number): { status: number; atMs: number }[] {
  return [...early, last].map((status, index) => ({ status, atMs: (index + 1) * gapMs }));
}

function finals(run: VirtualRun<ClientTransaction>): string[] {
  return run.log.filter((entry) => /^deliver [2-6]/.test(entry));
}

describe.each(['INVITE', 'INFO'])('an exchange of %s', (method) => {
  const scenario = fc.tuple(provisional, finalStatus, fc.integer({ min: 0, max: 5000 }));

  it('always ends: with one refusal, with 2xx, or with a timeout', () => {
    fc.assert(
      fc.property(scenario, faulty, ([early, last, gapMs], fates) => {
        const exchange = new Exchange(method, answersOf(early, last, gapMs), fates);
        exchange.run();
        const { client, server } = exchange;
        const outcome = finals(client);
        expect(server.finished).toBe(true);
        expect(new Set(outcome).size).toBeLessThanOrEqual(1);
        const isOnce = last >= 300 || method !== 'INVITE';
        expect(outcome.length).toBeLessThanOrEqual(isOnce ? 1 : Infinity);
        // An INVITE that was heard to ring and then lost its 2xx waits for its user to give up.
        const rings = client.tx.state === 'proceeding' && method === 'INVITE';
        expect(client.finished).toBe(!rings);
        expect(client.log.includes('timeout')).toBe(outcome.length === 0 && !rings);
      }),
      { numRuns: 100 },
    );
  });

  it('that loses nothing ends with the final response on both sides, whatever is late or doubled', () => {
    fc.assert(
      fc.property(scenario, lossless, ([early, last, gapMs], fates) => {
        const exchange = new Exchange(method, answersOf(early, last, gapMs), fates);
        exchange.run();
        expect(exchange.client.finished && exchange.server.finished).toBe(true);
        expect(finals(exchange.client)[0]).toBe(`deliver ${String(last)}`);
        expect(exchange.client.log).not.toContain('timeout');
        expect(exchange.server.log).not.toContain('timeout');
      }),
      { numRuns: 100 },
    );
  });
});

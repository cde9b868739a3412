import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sampleRecord } from '../dialog/sample-record.ts';
import { RehomedCall } from './rehomed-call.ts';

const STATUSES = [100, 180, 200, 200, 302, 401, 408, 422, 481, 487, 488, 491, 491, 500, 503, 603];

/** One thing that happens: an answer, silence, time, or what the endpoints do by themselves. */
const happening = fc.record({
  kind: fc.constantFrom('answer', 'answer', 'answer', 'silence', 'time', 'proved', 'acked', 'ended', 'stop'),
  leg: fc.constantFrom(0 as const, 1 as const),
  status: fc.constantFrom(...STATUSES),
  waitMs: fc.nat(50_000),
  othersReached: fc.boolean(),
  retryAfter: fc.boolean(),
});
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

function happen(call: RehomedCall, { kind, leg, ...what }: Happening): void {
  const asked = call.requests(leg, 'INVITE').length > 0;
  switch (kind) {
    case 'answer': {
      if (!asked) return;
      const extra = what.retryAfter ? ['Retry-After: 3', 'Min-SE: 2000'] : [];
      call.answer(leg, `${String(what.status)} X`, {
        extra,
        othersReached: what.othersReached,
        method: 'INVITE',
      });
      return;
    }
    case 'silence':
      if (asked) call.silence(leg, what.othersReached);
      return;
    case 'time':
      call.runUntil(call.nowMs + what.waitMs);
      return;
    case 'proved':
    case 'acked':
      call.event({ type: kind, leg });
      return;
    case 'ended':
    case 'stop':
      if (what.waitMs % 5 === 0) call.event({ type: kind });
  }
}

test('whatever happens, places in the pacing match requests in flight, and no CSeq is used twice', () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 40 }), (happenings) => {
      const call = new RehomedCall(sampleRecord()).begin();
      for (const event of happenings) {
        happen(call, event);
        const holding = call.job.legs.filter(
          ({ phase }) => phase === 'inFlight' || phase === 'queued',
        ).length;
        expect(call.inFlight).toBe(call.job.state === 'over' ? 0 : holding);
        const finished =
          call.job.inherited.length === 0 && call.job.legs.every(({ phase }) => phase === 'home');
        expect(call.job.state === 'active' && finished).toBe(false);
      }
      for (const leg of [0, 1] as const) {
        const numbers = ['INVITE', 'BYE'].flatMap((method) =>
          call.requests(leg, method).map(({ cseq }) => cseq),
        );
        expect(new Set(numbers).size).toBe(numbers.length);
      }
    }),
    { numRuns: 500 },
  );
});

test('left to itself with endpoints that accept, every call is done in the end', () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 15 }), (happenings) => {
      const call = new RehomedCall(sampleRecord()).begin();
      for (const event of happenings)
        if (event.kind !== 'ended' && event.kind !== 'stop') happen(call, event);
      for (let round = 0; round < 8 && call.job.state === 'active'; round++) {
        for (const leg of [0, 1] as const) if (call.job.legs[leg].phase === 'inFlight') call.accept(leg);
        call.runUntil(call.nowMs + 700_000);
      }
      expect(call.job.state).not.toBe('active');
    }),
    { numRuns: 300 },
  );
});

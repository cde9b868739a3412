import type { LedgerEntry } from '../call-ledger.ts';
import { TalkLedger } from '../talk-ledger.ts';
import type { Talk, TalkCall, TalkEnd, TalkRequest } from '../talk.ts';
import type { EndLedger, LostRequest, Mark } from './run-type.ts';

/** A request that had to be repeated so often was late. */
const LATE_REPEATS = 2;

/** What an end of a call saw in the call's talk. */
export function endLedger(talk: Talk, call: TalkCall, end: TalkEnd): EndLedger {
  const phone = call[end];
  const far = call[end === 'caller' ? 'callee' : 'caller'];
  const requests = talk.requests(phone);
  const verdict = new TalkLedger(talk).end(call, end);
  const { ledger } = phone;
  const repeatsOf = ledger.repeatsOf('sent');
  const came = ledger.requests('received', talk.method).length;
  return {
    sent: verdict.sent,
    answered: verdict.answered,
    lost: requests.filter(({ status }) => status < 200 || status >= 300).map(lostRequest),
    late: requests.filter(({ sent }) => repeatsOf(sent) >= LATE_REPEATS).length,
    duplicates: Math.max(0, came - talk.requests(far).length),
    unknown: ledger.entries.filter(({ status }) => status === 481).length,
    reinvites: ledger.reinvites().map(mark),
    contact: phone.farContact,
    contacts: verdict.contacts,
    byesReceived: ledger.requests('received', 'BYE').map(mark),
    faults: verdict.faults,
  };
}

function lostRequest({ sent, status, to }: TalkRequest): LostRequest {
  return { method: sent.method, cseq: sent.cseq, status, atMs: sent.atMs, to };
}

function mark({ atMs, contact }: LedgerEntry): Mark {
  return { atMs, contact };
}

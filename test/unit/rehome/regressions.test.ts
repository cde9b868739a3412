import { describe, expect, test } from '@jest/globals';
import type { DialogRecord } from '../../../src/dialog/record.ts';
import { decodeRecord, encodeRecord } from '../../../src/dialog/snapshot.ts';
import { H } from '../../../src/sip/index.ts';
import { calleesRequest, calleesResponse, callersRequest } from '../dialog/call-flow.ts';
import { answeredCall, Conversation } from '../dialog/conversation.ts';
import { ANSWER, OFFER } from '../dialog/sample-record.ts';
import { NEW_OWNER, RehomedCall } from './rehomed-call.ts';

const HOLD = `${OFFER}a=sendonly\r\n`;
const HELD = `${ANSWER}a=recvonly\r\n`;

/** What a standby has of a record. */
function copyOf(record: DialogRecord): DialogRecord {
  const copy = decodeRecord(encodeRecord(record));
  if (copy === undefined) throw new Error('unreadable snapshot');
  return copy;
}

function takenOver(record: DialogRecord, epoch = 4): RehomedCall {
  return new RehomedCall(copyOf(record), { pod: `edge-${String(epoch)}`, epoch, homeSince: epoch }).begin();
}

function movedBoth(record: DialogRecord, epoch = 4): RehomedCall {
  const call = takenOver(record, epoch);
  call.accept(0);
  call.accept(1);
  return call;
}

/** Faults of other implementations (facts 3.10), by their number there. */
describe('regressions known elsewhere', () => {
  test('1: CSeq is above everything that the dead owner may have used', () => {
    const before = answeredCall();
    const record = copyOf(before.record);
    for (let cseq = 103; cseq < 603; cseq++) before.request(0, callersRequest('INFO', cseq));
    expect(takenOver(record).last(1).cseq).toBeGreaterThan(before.record.legs[1].localCSeq);
  });

  test("2: each leg gets its own tags, not the other one's", () => {
    const call = takenOver(answeredCall().record);
    expect([call.last(0).message.fromTag, call.last(0).message.toTag]).toEqual(['bob-tag', 'alice-tag']);
    expect([call.last(1).message.fromTag, call.last(1).message.toTag]).toEqual(['alice-tag', 'bob-tag']);
  });

  test('3: no Record-Route and no Via but one of the new pod', () => {
    const call = takenOver(answeredCall().record);
    for (const leg of [0, 1] as const) {
      const { message } = call.last(leg);
      expect(message.list(H.RecordRoute)).toEqual([]);
      expect(message.list(H.Via)).toHaveLength(1);
      expect(message.text).not.toMatch(/203\.0\.113\.1|10\.0\.0\.1:/);
    }
  });

  test("4: Via and Contact name the leg's transport", () => {
    const call = takenOver(answeredCall().record);
    expect(call.last(0).message.via?.transport).toBe('UDP');
    expect(call.last(1).message.via?.transport).toBe('TCP');
    expect(call.last(1).message.get(H.Contact)).toContain(';transport=tcp;');
    expect(call.last(0).message.get(H.Contact)).not.toContain('transport');
  });

  test('6: two sides that both re-INVITE do not answer 491 for ever', () => {
    const call = takenOver(answeredCall().record);
    const waits = ([0, 1] as const).map((leg) => {
      call.chance = leg === 0 ? 0.999 : 0;
      const startMs = call.nowMs;
      call.answer(leg, '491 Request Pending');
      call.runUntil(startMs + 5_000);
      return call.requests(leg, 'INVITE').length;
    });
    expect(waits).toEqual([2, 2]);
  });

  test('7 and 17: a refused request changes neither target nor description, and ends nothing', () => {
    const before = answeredCall();
    const { legs } = structuredClone(before.record);
    const sent = before.request(0, callersRequest('INVITE', 103, ['Contact: <sip:alice@192.0.2.99>'], HOLD));
    before.response(
      1,
      calleesResponse('503 No', ['Contact: <sip:other@192.0.2.98>'], { cseq: `${String(sent.cseq)} INVITE` }),
    );
    expect(before.record.state).toBe('confirmed');
    for (const leg of [0, 1] as const) {
      const { remoteTarget, sdpSent, sdpReceived } = legs[leg];
      expect(before.record.legs[leg]).toMatchObject({ remoteTarget, sdpSent, sdpReceived });
    }
  });

  test('8: a 180 to a re-INVITE does not swallow its 200', () => {
    const call = takenOver(answeredCall().record);
    call.answer(0, '180 Ringing');
    call.accept(0);
    expect(call.acks(0)).toHaveLength(1);
    expect(call.record.legs[0].home.epoch).toBe(4);
  });

  test('9: a re-INVITE that comes again after its 491 is relayed', () => {
    const call = movedBoth(answeredCall().record);
    const after = new Conversation(call.record);
    expect(after.request(0, callersRequest('INVITE', 104, [], HOLD)).body).toBe(HOLD);
  });

  test('11: a re-home without Session-Expires in its 2xx starts the timer anew', () => {
    const { record } = answeredCall();
    record.legs[0].session = { intervalSeconds: 90, refresher: 'endpoint', refreshedAtMs: 5 };
    expect(movedBoth(record).record.legs[0].session?.refreshedAtMs).toBe(0);
  });

  test('14 and 21: an ACK teaches no Contact, and goes to the endpoint, not to the pod', () => {
    const before = new Conversation(answeredCall().record);
    before.request(0, callersRequest('INVITE', 103, ['Contact: <sip:alice@192.0.2.10:5062;ob>'], HOLD));
    before.response(1, calleesResponse('200 OK', [], { cseq: '103 INVITE', body: HELD }));
    const ack = before.request(0, callersRequest('ACK', 103, ['Contact: <sip:wrong@203.0.113.1>']));
    expect(ack.requestUri).toBe('sip:bob-phone@192.0.2.20:5071;transport=tcp');
    expect(before.record.legs[0].remoteTarget).toBe('sip:alice@192.0.2.10:5062;ob');
  });

  test('18: a 2xx without a Contact keeps the target', () => {
    const call = takenOver(answeredCall().record);
    call.answer(0, '200 OK', { body: OFFER });
    expect(call.record.legs[0].remoteTarget).toBe('sip:alice@192.0.2.10:5062;ob');
    expect(call.acks(0)[0]?.requestUri).toBe('sip:alice@192.0.2.10:5062;ob');
  });

  test('20: the leg of a request is told by its tags, whatever address it comes from', () => {
    const call = new Conversation(answeredCall().record);
    call.record.legs[1].peer = { address: '192.0.2.10', port: 5062 };
    expect(call.request(1, calleesRequest('INFO', 1)).requestUri).toBe('sip:alice@192.0.2.10:5062;ob');
  });

  test('24: an UPDATE that gets a 100 still ends with its final response', () => {
    const { record } = answeredCall();
    record.legs[0].allow = 'INVITE, UPDATE';
    const call = new RehomedCall(record, {}, { method: 'Update' }).begin();
    call.answer(0, '100 Trying', { method: 'UPDATE' });
    expect(call.job.legs[0].phase).toBe('inFlight');
    call.answer(0, '200 OK', { method: 'UPDATE' });
    expect(call.job.legs[0].phase).toBe('home');
  });

  test('25: an ACK without a description commits none', () => {
    const call = movedBoth(answeredCall().record);
    const { sdpSent, sdpReceived } = structuredClone(call.record.legs[0]);
    new Conversation(call.record).request(0, callersRequest('ACK', 102));
    expect(call.record.legs[0]).toMatchObject({ sdpSent, sdpReceived });
  });

  test('26: after a hold, the held description is offered again, not the first one', () => {
    const before = answeredCall();
    const sent = before.request(0, callersRequest('INVITE', 103, ['Contact: <sip:alice@192.0.2.10>'], HOLD));
    before.response(1, calleesResponse('200 OK', [], { cseq: `${String(sent.cseq)} INVITE`, body: HELD }));
    before.request(0, callersRequest('ACK', 103));
    const call = takenOver(before.record);
    expect([call.last(0).message.body, call.last(1).message.body]).toEqual([HELD, HOLD]);
  });

  test('28: a request that could not be sent does not end the call', () => {
    const call = takenOver(answeredCall().record);
    call.silence(1);
    expect(call.record.state).toBe('confirmed');
    expect(call.of('kept')).toMatchObject([{ leg: 1, standing: { state: 'unreached' } }]);
  });

  test('29: nothing is stuck after 488 and 491', () => {
    const call = takenOver(answeredCall().record);
    call.chance = 0.5;
    call.answer(0, '491 Request Pending');
    call.runUntil(5_000);
    call.answer(0, '488 No');
    call.runUntil(40_000);
    call.accept(0);
    call.accept(1);
    expect(call.job.state).toBe('done');
  });
});

describe('after the failover', () => {
  test('a BYE from either side, a hold and a transfer go to the endpoints with numbers of the new epoch', () => {
    const call = movedBoth(answeredCall().record);
    const after = new Conversation(call.record);
    const hold = after.request(
      1,
      calleesRequest('INVITE', 1, ['Contact: <sip:bob-phone@192.0.2.20:5071>'], HELD),
    );
    expect([hold.requestUri, hold.cseq]).toEqual(['sip:alice@192.0.2.10:5062;ob', call.last(0).cseq + 1]);
    const refer = after.request(0, callersRequest('REFER', 103, ['Refer-To: <sip:carol@example.com>']));
    expect(refer.cseq).toBe(call.last(1).cseq + 1);
    expect(after.request(1, calleesRequest('NOTIFY', 2)).cseq).toBe(hold.cseq + 1);
    after.request(0, callersRequest('BYE', 104));
    after.response(1, calleesResponse('200 OK', [], { cseq: `${String(refer.cseq + 1)} BYE` }));
    expect(after.applied.ends).toBe(true);
  });

  test('a second and a third failover of the same call work, and no leg sees a CSeq twice', () => {
    let { record } = answeredCall();
    const seen = [[0], [102]];
    for (const epoch of [4, 5, 9]) {
      const call = movedBoth(record, epoch);
      expect(call.job.state).toBe('done');
      for (const leg of [0, 1] as const) {
        expect(call.last(leg).cseq).toBeGreaterThan(Math.max(...(seen[leg] ?? [])));
        seen[leg]?.push(call.last(leg).cseq);
        expect(call.record.legs[leg].home).toEqual({ pod: `edge-${String(epoch)}`, epoch });
      }
      ({ record } = call);
    }
  });

  test('a takeover in the middle of a takeover asks only the legs that are not proven, and those of the old home too', () => {
    const first = takenOver(answeredCall().record, 4);
    first.accept(0);
    const second = new RehomedCall(copyOf(first.record), {
      ...NEW_OWNER,
      pod: 'edge-4',
      epoch: 5,
      homeSince: 4,
    }).begin();
    expect(second.requests(0, 'INVITE')).toEqual([]);
    expect(second.requests(1, 'INVITE')).toHaveLength(1);
    const other = new RehomedCall(copyOf(first.record), {
      ...NEW_OWNER,
      pod: 'edge-0',
      epoch: 5,
      homeSince: 5,
    }).begin();
    expect(other.requests(0, 'INVITE')).toHaveLength(1);
    expect(other.requests(1, 'INVITE')).toHaveLength(1);
  });
});

import { describe, expect, test } from '@jest/globals';
import { confirmCallee, enterEarlyDialog, forkOf } from '../../../src/dialog/early-dialogs.ts';
import { buildLegRequest } from '../../../src/dialog/local-request.ts';
import { H } from '../../../src/sip/index.ts';
import { calleesResponse, callersInvite, callersRequest, parsed, TO_CALLEE } from './call-flow.ts';
import { Conversation } from './conversation.ts';
import { ANSWER, OFFER } from './sample-record.ts';

function contact(host: string): string {
  return `Contact: <sip:bob@${host}>`;
}

/** A callee that forks: two phones ring, each behind a proxy of its own. */
function forked(): Conversation {
  const call = new Conversation();
  call.request(0, callersInvite());
  const reliable = ['RSeq: 1', 'Require: 100rel'];
  const one = [contact('one'), 'Record-Route: <sip:p1;lr>', ...reliable];
  const two = [contact('two'), 'Record-Route: <sip:p2;lr>'];
  call.response(1, calleesResponse('183 Progress', one, { tag: 'one', body: ANSWER }));
  call.response(1, calleesResponse('180 Ringing', two, { tag: 'two' }));
  return call;
}

describe('early dialogs', () => {
  test('are told apart by To tag: a PRACK goes to its own', () => {
    const call = forked();
    expect(enterEarlyDialog(call.dialogs, call.record, 0, 'one')).toBe(true);
    const prack = call.request(0, callersRequest('PRACK', 103, ['RAck: 1 102 INVITE']));
    expect(prack.requestUri).toBe('sip:bob@one');
    expect(prack.list(H.Route)).toEqual(['<sip:p1;lr>']);
    expect(prack.toTag).toBe('one');
    expect(enterEarlyDialog(call.dialogs, call.record, 0, 'three')).toBe(false);
  });

  test('keep what was agreed in each', () => {
    const call = forked();
    expect(call.record.legs[1].sdpReceived).toBe('');
    enterEarlyDialog(call.dialogs, call.record, 0, 'one');
    expect(call.record.legs[1].sdpReceived).toBe(ANSWER);
    expect(call.record.legs[0].sdpSent).toBe(ANSWER);
  });

  test('the first 2xx takes its own dialog, with the route set of the 2xx', () => {
    const call = forked();
    const extra = [contact('one-again'), 'Record-Route: <sip:p1b;lr>'];
    call.response(1, calleesResponse('200 OK', extra, { tag: 'one' }));
    const [, callee] = call.record.legs;
    expect([callee.remoteTag, callee.remoteTarget]).toEqual(['one', 'sip:bob@one-again']);
    expect(callee.routeSet).toEqual(['<sip:p1b;lr>']);
    expect(call.record.state).toBe('confirmed');
    expect(callee.sdpReceived).toBe(ANSWER);
  });

  test('a later 2xx is a repeat, or another branch that is acknowledged and ended at its own target', () => {
    const call = forked();
    const ok = calleesResponse('200 OK', [contact('one')], { tag: 'one', body: ANSWER });
    call.response(1, ok);
    const other = calleesResponse('200 OK', [contact('two'), 'Record-Route: <sip:p2;lr>'], {
      tag: 'two',
      body: OFFER,
    });
    expect(confirmCallee(call.dialogs, call.record, ok)).toBe('repeat');
    expect(confirmCallee(call.dialogs, call.record, other)).toBe('fork');
    const ack = parsed(
      buildLegRequest(forkOf(call.record, other), 1, { method: 'ACK', hop: TO_CALLEE, cseq: 102 }),
    );
    expect([ack.requestUri, ack.toTag, ack.cseq]).toEqual(['sip:bob@two', 'two', 102]);
    expect(ack.list(H.Route)).toEqual(['<sip:p2;lr>']);
    expect(call.record.legs[1].remoteTag).toBe('one');
  });
});

import { describe, expect, test } from '@jest/globals';
import { startCall } from '../../../src/dialog/call-start.ts';
import { H } from '../../../src/sip/index.ts';
import {
  calleesOk,
  calleesResponse,
  CALLEES_CONTACT,
  CALLER_VIAS,
  callersInvite,
  callersRequest,
  callStart,
} from './call-flow.ts';
import { answeredCall, Conversation } from './conversation.ts';
import { ANSWER, SAMPLE_ID } from './sample-record.ts';

function ringing(): Conversation {
  const call = new Conversation();
  call.request(0, callersInvite());
  return call;
}

describe('a response', () => {
  test("that makes a dialog repeats the caller's Via and Record-Route and shows the pod", () => {
    const ok = ringing().response(1, calleesOk());
    expect(ok.list(H.Via)).toEqual(CALLER_VIAS);
    expect(ok.list(H.RecordRoute)).toEqual(['<sip:edge.example.com;lr>', '<sip:core.example.com;lr>']);
    expect(ok.to).toBe('"Bob" <sip:bob@example.com>;tag=bob-tag');
    expect(ok.all(H.Contact)).toEqual([`<sip:bob-phone@203.0.113.1:5060;rh=${SAMPLE_ID}b>`]);
    expect(ok.body).toBe(ANSWER);
    expect(ok.text).toContain('\r\nServer: Bob/2\r\n');
    expect(ok.text).not.toMatch(/callee;lr|192\.0\.2\.20:5071|10\.0\.0\.1/);
  });

  test('of a ringing callee without a tag gets none', () => {
    const progress = ringing().response(1, calleesResponse('180 Ringing', [], { tag: '' }));
    expect(progress.to).toBe('"Bob" <sip:bob@example.com>');
  });

  test("without a Contact gets the pod's when it refreshes targets", () => {
    const call = answeredCall();
    call.request(0, callersRequest('UPDATE', 103, ['Contact: <sip:alice@192.0.2.10:5062>']));
    const ok = call.response(1, calleesResponse('200 OK', [], { cseq: '103 UPDATE' }));
    expect(ok.all(H.Contact)).toHaveLength(1);
    expect(ok.list(H.RecordRoute)).toEqual([]);
  });

  test.each(['302 Moved Temporarily', '485 Ambiguous'])(
    '%s names other user agents: its Contacts pass',
    (line) => {
      const contacts = ['Contact: <sip:carol@192.0.2.77>, <sip:dave@192.0.2.78>'];
      const moved = ringing().response(1, calleesResponse(line, contacts));
      expect(moved.list(H.Contact)).toEqual(['<sip:carol@192.0.2.77>', '<sip:dave@192.0.2.78>']);
    },
  );

  test("with another Contact of the callee's does not show it", () => {
    const busy = ringing().response(1, calleesResponse('486 Busy Here', CALLEES_CONTACT));
    expect(busy.text).not.toContain('192.0.2.20');
    expect(busy.toTag).toBe('bob-tag');
  });

  test("to a masked call comes back under the caller's own identity", () => {
    const call = new Conversation(startCall({ ...callStart(), mask: { callId: 'masked', tag: 'mtag' } }));
    call.request(0, callersInvite());
    const ids = { callId: 'masked', fromTag: 'mtag' };
    const first = call.response(1, calleesResponse('180 Ringing', [], { ...ids, tag: 'fork-1' }));
    const second = call.response(1, calleesResponse('180 Ringing', [], { ...ids, tag: 'fork-2' }));
    const ok = call.response(1, calleesResponse('200 OK', CALLEES_CONTACT, { ...ids, tag: 'fork-1' }));
    expect(ok.callId).toBe('call-1@192.0.2.10');
    expect(ok.fromTag).toBe('alice-tag');
    expect([first.toTag === second.toTag, ok.toTag === first.toTag]).toEqual([false, true]);
    expect(first.text + second.text + ok.text).not.toMatch(/fork-|masked/);
  });
});

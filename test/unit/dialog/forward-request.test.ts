import { describe, expect, test } from '@jest/globals';
import { retargetCall, startCall } from '../../../src/dialog/call-start.ts';
import { forwardInvite, forwardRequest } from '../../../src/dialog/forward-request.ts';
import { H } from '../../../src/sip/index.ts';
import {
  calleesRequest,
  calleesResponse,
  CALLEES_CONTACT,
  callersInvite,
  callersRequest,
  callStart,
  parsed,
  ringingCall,
  TO_CALLEE,
  TO_CALLER,
} from './call-flow.ts';
import { answeredCall, Conversation } from './conversation.ts';
import { OFFER, SAMPLE_ID } from './sample-record.ts';

describe('the initial INVITE', () => {
  test('reaches the callee byte for byte as a user agent would have sent it', () => {
    const { text, cseqOut } = forwardInvite(ringingCall(), callersInvite(), TO_CALLEE);
    expect(cseqOut).toBe(102);
    const sent = parsed(text);
    expect(sent.requestUri).toBe('sip:bob@192.0.2.20:5070');
    expect(sent.list(H.Via)).toEqual(['SIP/2.0/TCP 10.0.0.1:5070;branch=z9hG4bKpod-callee;rport']);
    expect(sent.list(H.RecordRoute)).toEqual([]);
    expect(sent.list(H.Route)).toEqual([]);
    expect(sent.get(H.ProxyRequire)).toBeUndefined();
    expect(sent.get(H.MaxForwards)).toBe('67');
    expect(sent.from).toBe('"Alice" <sip:alice@example.com>;tag=alice-tag');
    expect(sent.to).toBe('"Bob" <sip:bob@example.com>');
    expect(sent.callId).toBe('call-1@192.0.2.10');
    expect(sent.all(H.Contact)).toEqual([`<sip:alice@10.0.0.1:5070;transport=tcp;rh=${SAMPLE_ID}a>`]);
    expect(sent.body).toBe(OFFER);
    expect(text).toContain('\r\nX-Custom:  kept   as it is \r\n');
    expect(text).toContain('\r\nP-Asserted-Identity: <sip:+4930123@example.com>\r\n');
    expect(text).not.toMatch(/edge\.example|core\.example|192\.0\.2\.10:5062|203\.0\.113/);
  });

  test('Max-Forwards is 70 when there was none', () => {
    const invite = parsed(callersInvite().text.replace('Max-Forwards: 68\r\n', ''));
    expect(parsed(forwardInvite(ringingCall(), invite, TO_CALLEE).text).get(H.MaxForwards)).toBe('70');
  });

  test('an INVITE of RFC 2543, which has no Contact, shows the pod as Contact and leads back to its From', () => {
    const invite = parsed(callersInvite().text.replace(/Contact: .*\r\n/, ''));
    const record = startCall(callStart(invite));
    expect(record.legs[0].remoteTarget).toBe('sip:alice@example.com');
    const sent = parsed(forwardInvite(record, invite, TO_CALLEE).text);
    expect(sent.all(H.Contact)).toEqual([`<sip:10.0.0.1:5070;transport=tcp;rh=${SAMPLE_ID}a>`]);
  });

  test('a CSeq above 2^30 is renumbered, and the answer comes back with the original', () => {
    const high = 2 ** 31 - 1;
    const call = new Conversation(startCall(callStart(callersInvite(OFFER, high))));
    expect(call.request(0, callersInvite(OFFER, high)).cseq).toBe(1);
    expect(call.response(1, calleesResponse('180 Ringing', [], { cseq: '1 INVITE' })).cseq).toBe(high);
  });

  test('aimed at another target it keeps its CSeq', () => {
    const record = ringingCall();
    forwardInvite(record, callersInvite(), TO_CALLEE);
    retargetCall(record, 'sip:bob@192.0.2.30', {
      listener: 'public',
      transport: 'UDP',
      peer: { address: '192.0.2.30', port: 5060 },
    });
    const again = forwardInvite(record, callersInvite(), { ...TO_CALLER, branch: 'z9hG4bKsecond' });
    expect(again.cseqOut).toBe(102);
    expect(parsed(again.text).requestUri).toBe('sip:bob@192.0.2.30');
    expect(record.legs[1].listener).toBe('public');
  });

  test('masked, it shows the callee a Call-ID and a tag of its own', () => {
    const record = startCall({ ...callStart(), mask: { callId: 'masked', tag: 'mtag' } });
    const sent = parsed(forwardInvite(record, callersInvite(), TO_CALLEE).text);
    expect(sent.callId).toBe('masked');
    expect(sent.fromTag).toBe('mtag');
    expect(sent.text).not.toMatch(/call-1@|alice-tag/);
  });
});

describe('a request within the dialog', () => {
  test('goes to the callee along the route set of the 2xx, reversed', () => {
    const call = answeredCall();
    const bye = call.request(0, callersRequest('BYE', 103, ['Record-Route: <sip:edge.example.com;lr>']));
    expect(bye.requestUri).toBe('sip:bob-phone@192.0.2.20:5071;transport=tcp');
    expect(bye.list(H.Route)).toEqual(['<sip:far.callee;lr>', '<sip:near.callee;lr>']);
    expect(bye.list(H.RecordRoute)).toEqual([]);
    expect(bye.to).toBe('"Bob" <sip:bob@example.com>;tag=bob-tag');
    expect(bye.get(H.Contact)).toBeUndefined();
  });

  test("goes to the caller along the INVITE's Record-Route, in order", () => {
    const call = answeredCall();
    const info = call.request(1, calleesRequest('INFO', 1, ['X-Tone: 5']));
    expect(info.requestUri).toBe('sip:alice@192.0.2.10:5062;ob');
    expect(info.list(H.Route)).toEqual(['<sip:edge.example.com;lr>', '<sip:core.example.com;lr>']);
    expect(info.from).toBe('"Bob" <sip:bob@example.com>;tag=bob-tag');
    expect(info.to).toBe('"Alice" <sip:alice@example.com>;tag=alice-tag');
    expect(info.named('X-Tone')).toBe('5');
    expect(info.cseq).toBe(1);
  });

  test("shows each endpoint the user of the far one's Contact", () => {
    const call = answeredCall();
    const invite = call.request(1, calleesRequest('INVITE', 1, CALLEES_CONTACT, OFFER));
    expect(invite.all(H.Contact)).toEqual([`<sip:bob-phone@203.0.113.1:5060;rh=${SAMPLE_ID}b>`]);
  });

  test('a strict router gets the Request-URI, and the target goes last in Route', () => {
    const call = answeredCall();
    call.record.legs[1].routeSet = ['<sip:strict.callee;method=INVITE>', '<sip:loose.callee;lr>'];
    const bye = call.request(0, callersRequest('BYE', 103));
    expect(bye.requestUri).toBe('sip:strict.callee');
    expect(bye.list(H.Route)).toEqual([
      '<sip:loose.callee;lr>',
      '<sip:bob-phone@192.0.2.20:5071;transport=tcp>',
    ]);
  });

  test('counts in numbers of its own, an ACK in those of its INVITE', () => {
    const call = answeredCall();
    call.record.epoch = 4;
    const contact = ['Contact: <sip:alice@192.0.2.10:5062;ob>'];
    expect(call.request(0, callersRequest('INFO', 103)).cseq).toBe(1_102);
    const invite = call.request(0, callersRequest('INVITE', 104, contact, OFFER));
    expect(invite.cseq).toBe(1_103);
    expect(call.request(0, callersRequest('INFO', 105)).cseq).toBe(1_104);
    call.response(1, calleesResponse('200 OK', CALLEES_CONTACT, { cseq: '1103 INVITE' }));
    const ack = call.request(0, callersRequest('ACK', 104));
    expect([ack.cseq, ack.cseqMethod]).toEqual([1_103, 'ACK']);
    // A repeated ACK is mapped as long as no new INVITE has come.
    expect(call.request(0, callersRequest('ACK', 104)).cseq).toBe(1_103);
  });

  test("RAck names the INVITE's number on the leg that it goes to", () => {
    const call = new Conversation(startCall(callStart(callersInvite(OFFER, 2 ** 31 - 1))));
    call.request(0, callersInvite(OFFER, 2 ** 31 - 1));
    call.response(
      1,
      calleesResponse('183 Session Progress', ['RSeq: 7', 'Require: 100rel'], { cseq: '1 INVITE' }),
    );
    const prack = call.request(0, callersRequest('PRACK', 5, ['RAck: 7 2147483647 INVITE']));
    expect(prack.get(H.RAck)).toBe('7 1 INVITE');
    expect(prack.cseq).toBe(2);
  });

  test('REFER keeps its Refer-To and Referred-By, and shows the pod as Contact', () => {
    const call = answeredCall();
    const referTo = `Refer-To: <sip:carol@203.0.113.1:5060;rh=${SAMPLE_ID}b?Replaces=call-2%3Bto-tag%3D1%3Bfrom-tag%3D2>`;
    const { text } = forwardRequest(
      call.record,
      0,
      callersRequest('REFER', 103, [
        referTo,
        'Referred-By: <sip:alice@example.com>',
        'Contact: <sip:alice@192.0.2.10:5062>',
      ]),
      TO_CALLEE,
    );
    expect(text).toContain(`\r\n${referTo}\r\n`);
    expect(text).toContain('\r\nReferred-By: <sip:alice@example.com>\r\n');
    expect(parsed(text).all(H.Contact)).toEqual([`<sip:alice@10.0.0.1:5070;transport=tcp;rh=${SAMPLE_ID}a>`]);
  });
});

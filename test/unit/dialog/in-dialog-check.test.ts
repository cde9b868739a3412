import { describe, expect, test } from '@jest/globals';
import { cseqOrder, legOfRequest, refusalOf } from '../../../src/dialog/in-dialog-check.ts';
import { calleesRequest, callersInvite, callersRequest, message, parsed, ringingCall } from './call-flow.ts';
import { answeredCall } from './conversation.ts';

describe('the leg of a request', () => {
  test('is told by Call-ID and tags', () => {
    const { record } = answeredCall();
    expect(legOfRequest(record, callersRequest('BYE', 103))).toBe(0);
    expect(legOfRequest(record, calleesRequest('BYE', 1))).toBe(1);
  });

  test.each([
    ['another From tag', 'tag=alice-tag', 'tag=mallory'],
    ['another To tag', 'tag=bob-tag', 'tag=mallory'],
    ['another Call-ID', 'call-1@', 'call-2@'],
  ])('none with %s', (_, right, wrong) => {
    const { record } = answeredCall();
    expect(
      legOfRequest(record, parsed(callersRequest('BYE', 103).text.replace(right, wrong))),
    ).toBeUndefined();
  });

  test('swapped tags are the other leg, never the same (FreeSWITCH #2037)', () => {
    const { record } = answeredCall();
    const swapped = message([
      'BYE sip:x SIP/2.0',
      'From: <sip:alice@example.com>;tag=bob-tag',
      'To: <sip:bob@example.com>;tag=alice-tag',
      'Call-ID: call-1@192.0.2.10',
      'CSeq: 9 BYE',
    ]);
    expect(legOfRequest(record, swapped)).toBe(1);
  });

  test("of a ringing call is the caller's, whatever early dialog it names", () => {
    const record = ringingCall();
    expect(legOfRequest(record, callersInvite())).toBe(0);
    expect(legOfRequest(record, callersRequest('PRACK', 103))).toBe(0);
    expect(legOfRequest(record, calleesRequest('UPDATE', 1))).toBe(1);
  });
});

describe('CSeq', () => {
  test.each([
    [103, 'new'],
    [102, 'repeat'],
    [101, 'lower'],
  ] as const)('%i after 102 is %s', (cseq, order) => {
    const { record } = answeredCall();
    expect(cseqOrder(record.legs[0], callersRequest('INFO', cseq))).toBe(order);
  });

  test('a lower one is refused with 500, but not in an ACK', () => {
    const { record } = answeredCall();
    expect(refusalOf(record.legs[0], callersRequest('INFO', 101))?.status).toBe(500);
    expect(refusalOf(record.legs[0], callersRequest('INFO', 102))).toBeUndefined();
    expect(refusalOf(record.legs[0], callersRequest('ACK', 90))).toBeUndefined();
  });
});

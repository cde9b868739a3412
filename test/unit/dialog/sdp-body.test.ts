import { expect, test } from '@jest/globals';
import { sdpOf } from '../../../src/dialog/sdp-body.ts';
import { parsed } from './call-flow.ts';
import { OFFER } from './sample-record.ts';

function withBody(type: string, body: string): string {
  const length = String(body.length);
  return sdpOf(
    parsed(`INVITE sip:x SIP/2.0\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n${body}`),
  );
}

const PARTS = `--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b\r\ncontent-type: application/sdp; x=1\r\n\r\n${OFFER}\r\n--b--\r\n`;

test.each([
  ['application/sdp', OFFER, OFFER],
  ['Application/SDP;charset=x', OFFER, OFFER],
  ['application/sdpfrag', OFFER, ''],
  ['application/json', '{}', ''],
  ['multipart/mixed;boundary=b', PARTS, OFFER],
  ['multipart/mixed; a=1; boundary="b"', PARTS, OFFER],
  ['multipart/mixed', PARTS, ''],
])('%s', (type, body, expected) => {
  expect(withBody(type, body)).toBe(expected);
});

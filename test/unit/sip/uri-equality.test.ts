import { expect, test } from '@jest/globals';
import { areUrisEqual, parseUri, type SipUri } from '../../../src/sip/index.ts';

function parsed(text: string): SipUri {
  const uri = parseUri(text);
  if (uri === undefined) throw new Error(`malformed: ${text}`);
  return uri;
}

// The examples of RFC 3261 §19.1.4, and cases between them.
test.each([
  ['sip:%61lice@atlanta.com;transport=TCP', 'sip:alice@AtLanTa.CoM;Transport=tcp'],
  ['sip:carol@chicago.com', 'sip:carol@chicago.com;newparam=5'],
  ['sip:carol@chicago.com', 'sip:carol@chicago.com;security=on'],
  [
    'sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com',
    'sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com',
  ],
  [
    'sip:alice@atlanta.com?subject=project%20x&priority=urgent',
    'sip:alice@atlanta.com?priority=urgent&subject=project%20x',
  ],
  ['sip:a@[2001:DB8::1]', 'sip:a@[2001:db8::1]'],
])('%s is %s', (one, other) => {
  expect(areUrisEqual(parsed(one), parsed(other))).toBe(true);
  expect(areUrisEqual(parsed(other), parsed(one))).toBe(true);
});

test.each([
  ['SIP:ALICE@AtLanTa.CoM;Transport=udp', 'sip:alice@AtLanTa.CoM;Transport=UDP'],
  ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:5060'],
  ['sip:bob@biloxi.com', 'sip:bob@biloxi.com;transport=udp'],
  ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:6000;transport=tcp'],
  ['sip:carol@chicago.com', 'sip:carol@chicago.com?Subject=next%20meeting'],
  ['sip:bob@phone21.boxesbybob.com', 'sip:bob@192.0.2.4'],
  ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;security=off'],
  ['sip:a@b', 'sips:a@b'],
  ['sip:a@b', 'sip:b'],
  ['sip:a:x@b', 'sip:a:y@b'],
  ['sip:a@b;maddr=c', 'sip:a@b'],
  ['sip:a@b?x=1', 'sip:a@b?x=2'],
])('%s is not %s', (one, other) => {
  expect(areUrisEqual(parsed(one), parsed(other))).toBe(false);
  expect(areUrisEqual(parsed(other), parsed(one))).toBe(false);
});

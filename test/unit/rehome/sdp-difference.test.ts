import { expect, test } from '@jest/globals';
import { sdpDiffers } from '../../../src/rehome/sdp-difference.ts';

const SDP = 'v=0\r\no=a 1 1 IN IP4 192.0.2.1\r\ns=-\r\nm=audio 4000 RTP/AVP 0\r\n';

test.each([
  ['itself', SDP, false],
  ['another version in o=', SDP.replace('1 1', '1 2'), false],
  ['bare line feeds', SDP.replaceAll('\r\n', '\n'), false],
  ['another port', SDP.replace('4000', '4002'), true],
  ['one line more', `${SDP}a=sendonly\r\n`, true],
])('%s', (_, other, differs) => {
  expect(sdpDiffers(SDP, other)).toBe(differs);
});

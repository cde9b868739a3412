import { describe, expect, test } from '@jest/globals';
import { answerDirection, directionOf, PhoneSdp, type MediaDirection } from '../../../src/local/phone-sdp.ts';

describe('media directions', () => {
  // RFC 3264 §6.1
  const table: [offered: MediaDirection, holding: boolean, answer: MediaDirection][] = [
    ['sendrecv', false, 'sendrecv'],
    ['sendrecv', true, 'sendonly'],
    ['sendonly', false, 'recvonly'],
    ['sendonly', true, 'inactive'],
    ['recvonly', false, 'sendonly'],
    ['recvonly', true, 'sendonly'],
    ['inactive', false, 'inactive'],
    ['inactive', true, 'inactive'],
  ];

  test.each(table)('%s, holding: %s, is answered by %s', (offered, holding, answer) => {
    expect(answerDirection(offered, holding)).toBe(answer);
  });

  test('none stated is sendrecv', () => {
    expect(directionOf('v=0\r\n')).toBe('sendrecv');
    expect(directionOf('v=0\r\na=inactive\r\n')).toBe('inactive');
  });
});

describe('a description', () => {
  test('changes its version exactly when it changes', () => {
    const sdp = new PhoneSdp('192.0.2.1', 7);
    const first = sdp.with('sendrecv');
    expect(first).toContain('o=phone 7 1 IN IP4 192.0.2.1\r\n');
    expect(sdp.with('sendrecv')).toBe(first);
    expect(sdp.with('sendonly')).toContain('o=phone 7 2 ');
    expect(sdp.movePort()).toContain('o=phone 7 3 ');
    expect(sdp.current()).toBe(sdp.current());
  });

  test('names its address family', () => {
    expect(new PhoneSdp('::1', 7).current()).toContain('c=IN IP6 ::1\r\n');
  });
});

import { describe, expect, test } from '@jest/globals';
import { formatVia, parseVia } from '../../../src/sip/index.ts';

describe('parseVia', () => {
  test('reads all parts', () => {
    const via = parseVia(
      'SIP/2.0/udp Host.Example:5070;branch=z9hG4bK1;received=192.0.2.1;rport=5060;maddr=224.2.0.1;ttl=16;x',
    );
    expect([via?.protocol, via?.version, via?.transport, via?.host, via?.port]).toEqual([
      'SIP',
      '2.0',
      'UDP',
      'host.example',
      5070,
    ]);
    expect([via?.branch, via?.received, via?.rport, via?.maddr, via?.ttl]).toEqual([
      'z9hG4bK1',
      '192.0.2.1',
      5060,
      '224.2.0.1',
      16,
    ]);
    expect(via?.params.has('x')).toBe(true);
  });

  test('what is absent is empty or undefined', () => {
    const via = parseVia('SIP/2.0/TCP h');
    expect([via?.port, via?.branch, via?.received, via?.rport, via?.maddr, via?.ttl]).toEqual([
      undefined,
      '',
      '',
      undefined,
      '',
      undefined,
    ]);
  });

  test('rport without a value asks for it', () => {
    expect(parseVia('SIP/2.0/UDP h;rport')?.rport).toBe(0);
  });

  test('white space may stand around slashes, colon, semicolons and equals signs', () => {
    const via = parseVia('SIP  /  2.0 /\tUDP   192.0.2.2 : 5061 ;  branch  =  390skdjuw');
    expect([via?.transport, via?.host, via?.port, via?.branch]).toEqual([
      'UDP',
      '192.0.2.2',
      5061,
      '390skdjuw',
    ]);
  });

  test.each(['SIP/2.0/UDP  [::1] ;x', 'SIP/2.0/UDP [::1] : 5060', 'SIP / 2.0 / UDP\t[::1]'])(
    '%j is of ::1',
    (value) => {
      expect(parseVia(value)?.host).toBe('::1');
    },
  );

  test.each([
    ['SIP/2.0/UDP [2001:DB8::9]:6050;received=[2001:db8::1]', '2001:db8::9', 6050, '2001:db8::1'],
    ['SIP/2.0/UDP [::ffff:192.0.2.10];received=2001:db8::1', '::ffff:192.0.2.10', undefined, '2001:db8::1'],
  ])('%s', (value, host, port, received) => {
    const via = parseVia(value);
    expect([via?.host, via?.port, via?.received]).toEqual([host, port, received]);
  });

  test.each([
    '',
    'SIP/2.0',
    'SIP/2.0/UDP',
    'SIP/2.0/UDP ',
    'SIP/2.0/U@P h',
    'SIP/2.0/UDP/x h',
    'SIP/2.0 UDP h',
    'SIP/2.0/UDP h:99999',
    'SIP/2.0/UDP 2001:db8::1',
    'SIP/2.0/UDP h i',
    'SIP/2.0/UDP h;;branch=x',
    'SIP/2.0/UDP h;',
    'SIP/2.0/UDP ;branch=x',
  ])('%j is malformed', (value) => {
    expect(parseVia(value)).toBeUndefined();
  });
});

test('formatVia writes what parseVia reads', () => {
  const plain = formatVia({ transport: 'UDP', sentBy: '192.0.2.1:5060', branch: 'z9hG4bK1', rport: 0 });
  expect(plain).toBe('SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;rport');
  const full = formatVia({
    transport: 'TCP',
    sentBy: '[2001:db8::1]:5060',
    branch: 'z9hG4bK2',
    rport: 5061,
    received: '2001:db8::2',
    maddr: '2001:db8::3',
    ttl: 1,
  });
  expect(full).toBe(
    'SIP/2.0/TCP [2001:db8::1]:5060;branch=z9hG4bK2;rport=5061;received=2001:db8::2;maddr=[2001:db8::3];ttl=1',
  );
  expect(parseVia(full)?.maddr).toBe('2001:db8::3');
});

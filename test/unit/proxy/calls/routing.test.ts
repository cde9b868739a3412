import { describe, expect, it } from '@jest/globals';
import type { RouteConfig } from '../../../../src/api/proxy-config.ts';
import { RouteTable } from '../../../../src/proxy/calls/routing.ts';
import { parseMessage, SipMessage } from '../../../../src/sip/index.ts';

function route(to: string, match?: RouteConfig['match']): RouteConfig {
  return { from: 'public', to, via: 'trunk', ...(match && { match }) };
}

/** The target of an INVITE, '' if no route matches. */
function targetOf(routes: RouteConfig[], uri: string, address = '192.0.2.7', listener = 'public'): string {
  const invite = parseMessage(
    `INVITE ${uri} SIP/2.0\r\nVia: SIP/2.0/UDP b;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n` +
      'To: <sip:a@b>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n',
  );
  if (!(invite instanceof SipMessage)) throw new Error('no message');
  const flow = { listener, transport: 'UDP' as const, address, port: 5060 };
  return new RouteTable({ routes, targets: [] }).find(invite, flow)?.target ?? '';
}

describe('a route', () => {
  it.each([
    ['*@example.com', 'sip:bob@example.com', true],
    ['*@example.com', 'sips:bob@EXAMPLE.com:5061;transport=tcp?Subject=x', true],
    ['*@example.com', 'sip:bob@exampleXcom', false],
    ['*@example.com', 'sip:bob@example.com.evil.org', false],
    ['+49*@*', 'sip:+4930@192.0.2.1', true],
    ['+49*@*', 'sip:004930@192.0.2.1', false],
    ['bob@[2001:db8::1]', 'sip:bob@[2001:db8::1]:5070', true],
  ])('for %s and %s: %s', (requestUri, uri, matches) => {
    expect(targetOf([route('t', { requestUri })], uri)).toBe(matches ? 't' : '');
  });

  it.each([
    ['192.0.2.0/24', '192.0.2.255', true],
    ['192.0.2.0/24', '192.0.3.0', false],
    ['192.0.2.7', '192.0.2.7', true],
    ['192.0.2.7', '192.0.2.8', false],
    ['0.0.0.0/0', '::1', false],
    ['2001:db8::/32', '2001:db8:1::9', true],
    ['2001:db8::/32', '2001:db9::9', false],
    ['::1', '::1', true],
  ])('for senders in %s and %s: %s', (network, address, matches) => {
    expect(targetOf([route('t', { source: [network] })], 'sip:a@b', address)).toBe(matches ? 't' : '');
  });

  it('is the first of its listener that matches', () => {
    const routes = [route('one', { requestUri: 'x@*' }), route('two'), route('three')];
    expect(targetOf(routes, 'sip:a@b')).toBe('two');
    expect(targetOf(routes, 'sip:x@b')).toBe('one');
    expect(targetOf(routes, 'sip:x@b', '192.0.2.7', 'trunk')).toBe('');
  });
});

import { describe, expect, it } from '@jest/globals';
import { cancelKey, clientKey, clientKeyOf, serverKey } from '../../../../src/sip/transaction/key.ts';
import { parsed, requestText, responseText } from './messages.ts';

function keyOf(method: string, parts: Parameters<typeof requestText>[1] = {}): string | undefined {
  return serverKey(parsed(requestText(method, parts)));
}

const branch = (value: string): { via: string } => ({ via: `SIP/2.0/UDP a.example;branch=${value}` });

describe('server transactions of RFC 3261', () => {
  it('are told apart by branch, sent-by and method', () => {
    const keys = [
      keyOf('INVITE'),
      keyOf('BYE'),
      keyOf('CANCEL'),
      keyOf('INVITE', branch('z9hG4bKx')),
      keyOf('INVITE', branch('z9hG4bKX')),
      keyOf('INVITE', { via: 'SIP/2.0/UDP a.example:5060;branch=z9hG4bKx' }),
      keyOf('INVITE', { via: 'SIP/2.0/UDP b.example;branch=z9hG4bKx' }),
    ];
    expect(keys).not.toContain(undefined);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('are found by what was not compared: host case, other parameters, tags, CSeq', () => {
    const key = keyOf('INVITE', branch('z9hG4bKx'));
    expect(keyOf('INVITE', { via: 'SIP/2.0/UDP A.Example;rport;branch=z9hG4bKx', toTag: 't' })).toBe(key);
  });

  it('are found by the ACK of their final response', () => {
    expect(keyOf('ACK', { toTag: 't1' })).toBe(keyOf('INVITE'));
  });

  it('are named by a CANCEL that is a transaction of its own', () => {
    const cancel = parsed(requestText('CANCEL'));
    expect(cancelKey(cancel)).toBe(keyOf('INVITE'));
    expect(serverKey(cancel)).not.toBe(keyOf('INVITE'));
  });

  it('have no key without a usable Via', () => {
    expect(keyOf('INVITE', { via: 'nonsense' })).toBeUndefined();
  });
});

describe('server transactions of RFC 2543', () => {
  it.each([
    ['no branch', 'SIP/2.0/UDP old.example'],
    ['an old branch', 'SIP/2.0/UDP old.example;branch=1'],
    ['nothing but the cookie', 'SIP/2.0/UDP old.example;branch=z9hG4bK'],
  ])('with %s are found by what their requests have in common', (_what, via) => {
    const invite = keyOf('INVITE', { via });
    expect(keyOf('INVITE', { via })).toBe(invite);
    expect(keyOf('ACK', { via, toTag: 't1' })).toBe(invite);
    expect(cancelKey(parsed(requestText('CANCEL', { via })))).toBe(invite);
    expect(keyOf('BYE', { via })).not.toBe(invite);
    expect(keyOf('INVITE', { via, cseq: '8 INVITE' })).not.toBe(invite);
    expect(keyOf('INVITE', { via: `${via};x=1` })).not.toBe(invite);
  });

  it('compare the To tag of other requests', () => {
    const via = 'SIP/2.0/UDP old.example';
    expect(keyOf('BYE', { via, toTag: 'a' })).not.toBe(keyOf('BYE', { via, toTag: 'b' }));
  });
});

describe('client transactions', () => {
  it('are found by branch and CSeq method', () => {
    expect(clientKey(parsed(responseText(200, 'INVITE')))).toBe(clientKeyOf('z9hG4bKa1', 'INVITE'));
    expect(clientKey(parsed(responseText(200, 'CANCEL')))).toBe(clientKeyOf('z9hG4bKa1', 'CANCEL'));
    expect(clientKeyOf('z9hG4bKa1', 'CANCEL')).not.toBe(clientKeyOf('z9hG4bKa1', 'INVITE'));
  });

  it('are not found by a response without a branch', () => {
    expect(clientKey(parsed(responseText(200, 'BYE').replace(';branch=z9hG4bKa1', '')))).toBeUndefined();
  });
});

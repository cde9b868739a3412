import { expect, test } from '@jest/globals';
import { H, headerId, headerName } from '../../../src/sip/index.ts';

const KNOWN = Object.values(H).filter((id) => id > H.Malformed);

test('every number has a name of its own, which leads back to it in any case', () => {
  const names = KNOWN.map(headerName);
  expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(KNOWN.length);
  expect(names.map(headerId)).toEqual(KNOWN);
  expect(names.map((name) => headerId(name.toUpperCase()))).toEqual(KNOWN);
});

test.each([
  [H.CallId, 'Call-ID'],
  [H.CSeq, 'CSeq'],
  [H.Via, 'Via'],
  [H.MaxForwards, 'Max-Forwards'],
  [H.WWWAuthenticate, 'WWW-Authenticate'],
  [H.MinSE, 'Min-SE'],
  [H.RAck, 'RAck'],
  [H.PAssertedIdentity, 'P-Asserted-Identity'],
  [H.RemotePartyId, 'Remote-Party-ID'],
])('number %d is written %s', (id, name) => {
  expect(headerName(id)).toBe(name);
});

test('compact forms are the numbers of their long forms', () => {
  const compact = 'v f t i m l c e k s x r b o u a d j y';
  const long =
    'Via From To Call-ID Contact Content-Length Content-Type Content-Encoding Supported Subject Session-Expires Refer-To Referred-By Event Allow-Events Accept-Contact Request-Disposition Reject-Contact Identity';
  expect(compact.split(' ').map(headerId)).toEqual(long.split(' ').map(headerId));
  expect(headerId('V')).toBe(H.Via);
});

test.each(['', 'X-Via', 'Vi', 'Viaa', 'w', 'Call\rID', 'Max\rForwards', 'Other', 'Malformed'])(
  '%j has no number',
  (name) => {
    expect(headerId(name)).toBe(H.Other);
  },
);

import { describe, expect, it } from '@jest/globals';
import type { Call } from '../../../../src/proxy/calls/call.ts';
import { CallTable } from '../../../../src/proxy/calls/call-table.ts';
import type { DialogRecord } from '../../../../src/dialog/record.ts';
import { parseMessage, SipMessage } from '../../../../src/sip/index.ts';
import { sampleRecord } from '../../dialog/sample-record.ts';

/** A call whose legs have these Call-IDs, and tags of its own. */
function newCall(id: string, callIds: [string, string] = ['c', 'c']): Call {
  const record: DialogRecord = sampleRecord();
  record.id = id;
  for (const at of [0, 1] as const)
    Object.assign(record.legs[at], {
      callId: callIds[at],
      localTag: `${id}-l${String(at)}`,
      remoteTag: `${id}-r${String(at)}`,
    });
  return { record };
}

function request(callId: string, fromTag: string, toTag: string): SipMessage {
  const message = parseMessage(
    'BYE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP b;branch=z9hG4bK1\r\n' +
      `From: <sip:a@b>;tag=${fromTag}\r\nTo: <sip:a@b>;tag=${toTag}\r\nCall-ID: ${callId}\r\n` +
      'CSeq: 1 BYE\r\nContent-Length: 0\r\n\r\n',
  );
  if (!(message instanceof SipMessage)) throw new Error('no message');
  return message;
}

describe('the table of calls', () => {
  it('finds a dialog by Call-ID and both tags, from either endpoint', () => {
    const table = new CallTable();
    const [one, two] = [newCall('1'), newCall('2')];
    table.add(one);
    table.add(two);
    expect(table.findByTags(request('c', '1-r0', '1-l0'))).toBe(one);
    expect(table.findByTags(request('c', '2-r1', '2-l1'))).toBe(two);
    expect(table.findByTags(request('c', '1-r0', '2-l0'))).toBeUndefined();
    expect(table.findByTags(request('c', '1-r0', '1-l1'))).toBeUndefined();
    expect(table.findByTags(request('d', '1-r0', '1-l0'))).toBeUndefined();
  });

  it('keeps masked legs apart', () => {
    const table = new CallTable();
    const call = newCall('1', ['caller', 'callee']);
    table.add(call);
    expect(table.findByTags(request('callee', '1-r1', '1-l1'))).toBe(call);
    expect(table.findByTags(request('caller', '1-r1', '1-l1'))).toBeUndefined();
  });

  it('forgets a call wholly and once, and no other in its place', () => {
    const table = new CallTable();
    const calls = [newCall('1'), newCall('2'), newCall('3')];
    for (const call of calls) table.add(call);
    for (const call of calls) {
      expect(table.remove(call)).toBe(true);
      expect(table.remove(call)).toBe(false);
      const { id } = call.record;
      expect(table.get(id)).toBeUndefined();
      expect(table.findByTags(request('c', `${id}-r0`, `${id}-l0`))).toBeUndefined();
    }
    expect(table.size).toBe(0);
    table.add(newCall('1'));
    expect(table.remove(newCall('1'))).toBe(false);
    expect(table.size).toBe(1);
  });
});

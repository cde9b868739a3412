import { describe, expect, it } from '@jest/globals';
import type { DialogRecord, Leg } from '../../../src/dialog/record.ts';
import { readDialogFilter, reportDialogs, type ReportedCalls } from '../../../src/proxy/admin-dialogs.ts';
import { CallTable } from '../../../src/proxy/calls/call-table.ts';
import { sampleRecord } from '../dialog/sample-record.ts';

const NOW_MS = 1_790_000_000_000;

const [sample] = sampleRecord().legs;

function leg(callId: string, pod: string): Leg {
  return {
    ...sample,
    callId,
    remoteTarget: `sip:${callId}@192.0.2.1`,
    home: { pod, epoch: 3 },
    standing: { state: 'refused', status: 488, sinceMs: 0, attempts: 2 },
  };
}

function record(id: string, change: Partial<DialogRecord>, calleeHome = 'edge-0'): DialogRecord {
  return {
    id,
    tag: 't0',
    epoch: 4,
    version: 7,
    state: 'confirmed',
    createdMs: NOW_MS - 90_000,
    answeredMs: NOW_MS - 60_000,
    legs: [leg(`${id}-a`, 'edge-0'), leg(`${id}-b`, calleeHome)],
    open: [],
    ...change,
  };
}

function context(records: DialogRecord[]): ReportedCalls {
  const calls = new CallTable();
  for (const each of records) calls.add({ record: each });
  const mesh = { ownerOf: () => ({ pod: 'edge-2', epoch: 4 }) } as unknown as ReportedCalls['mesh'];
  return { pod: 'edge-0', calls, mesh, wallMs: () => NOW_MS };
}

const pod = context([
  record('one', {}),
  record('two', { state: 'early', answeredMs: 0 }),
  record('three', { tag: 't1' }, 'edge-1'),
  record('four', { state: 'ended' }),
]);

describe('dialogs report', () => {
  it('shows what an operator needs of a dialog', () => {
    const { dialogs, ...head } = reportDialogs(pod, { limit: 1 });
    expect(head).toEqual({ pod: 'edge-0', total: 3 });
    expect(dialogs).toHaveLength(1);
    expect(dialogs[0]).toMatchObject({
      id: 'one',
      owner: 'edge-2',
      epoch: 4,
      version: 7,
      state: 'confirmed',
      ageSeconds: 60,
      rehoming: false,
    });
    expect(dialogs[0]?.legs[1]).toEqual({
      side: 'callee',
      callId: 'one-b',
      remoteTarget: 'sip:one-b@192.0.2.1',
      listener: 'public',
      transport: 'UDP',
      home: { pod: 'edge-0', epoch: 3 },
      standing: 'refused',
      status: 488,
      attempts: 2,
    });
  });

  it('counts the age of a ringing one from its start', () => {
    expect(reportDialogs(pod, { limit: 9, state: 'early' }).dialogs[0]?.ageSeconds).toBe(90);
  });

  it.each([
    ['limit=2', ['one', 'two']],
    ['state=early', ['two']],
    ['tag=t1', ['three']],
    ['callId=one-b', ['one']],
    ['away=true', ['three']],
    ['away=false&state=confirmed', ['one']],
    ['tag=t9', []],
  ])('finds by %s', (query, ids) => {
    const filter = readDialogFilter(new URLSearchParams(query));
    if (typeof filter === 'string') throw new Error(filter);
    expect(reportDialogs(pod, filter).dialogs.map(({ id }) => id)).toEqual(ids);
  });

  it.each(['limit=10001', 'limit=1.5', 'state=ended', 'away=yes', 'caller=x'])(
    'says what is wrong with %s',
    (query) => {
      expect(typeof readDialogFilter(new URLSearchParams(query))).toBe('string');
    },
  );
});

import { beforeEach, describe, expect, it } from '@jest/globals';
import { encodeRecord } from '../../../../src/dialog/snapshot.ts';
import { SkippedCSeqs } from '../../../../src/dialog/skipped-cseqs.ts';
import type { DialogRecord, OpenRequest } from '../../../../src/dialog/record.ts';
import type { TakenOver } from '../../../../src/gossip/index.ts';
import type { Call } from '../../../../src/proxy/calls/call.ts';
import { CallTable } from '../../../../src/proxy/calls/call-table.ts';
import type { CallContext } from '../../../../src/proxy/calls/context.ts';
import { Ownership, type OwnershipParts } from '../../../../src/proxy/calls/ownership.ts';
import { Pipes } from '../../../../src/proxy/calls/pipes.ts';
import type { RecordCopy } from '../../../../src/proxy/calls/pod-message.ts';
import { TakeoverHistory } from '../../../../src/proxy/calls/takeover-history.ts';
import { ProxyMetrics } from '../../../../src/proxy/metrics.ts';
import { newLogger } from '../../../../src/runtime/logger.ts';
import { sampleRecord } from '../../dialog/sample-record.ts';

const TAG = sampleRecord().tag;
const RINGING = 'ringing';
const OPEN: OpenRequest = {
  method: 'INVITE',
  from: 0,
  cseqIn: 2,
  cseqOut: 2,
  branchOut: 'z9hG4bK1',
  vias: [],
  recordRoutes: [],
  peer: { address: '192.0.2.1', port: 5060 },
  offer: '',
  lateOffer: false,
  settled: false,
  answer: '',
  acked: false,
};

let nowMs = 0;
let owner = 'b';
let alive: string[] = [];
let calls: CallTable;
let pipes: Pipes;
let history: TakeoverHistory;
/** What was asked of the other parts, in order. */
let asked: string[] = [];
let ownership: Ownership;

function copyOf(change: Partial<DialogRecord> = {}): RecordCopy {
  const record = { ...sampleRecord(), ...change };
  const { tag, id, epoch, version } = record;
  return { tag, id, epoch, version, bytes: encodeRecord(record) };
}

function takenOver(copies: readonly RecordCopy[], reason: TakenOver['reason'] = 'handover'): TakenOver {
  return {
    kind: 'takenOver',
    tag: TAG,
    epoch: 9,
    reason,
    previous: { pod: 'a', epoch: 8, boot: 'x' },
    inSync: true,
    records: copies.map(({ id: key, epoch, version, bytes }) => ({
      key,
      epoch,
      version,
      bytes,
      doubtful: false,
    })),
    why: '',
  };
}

function theCall(): Call | undefined {
  return calls.get(sampleRecord().id);
}

beforeEach(() => {
  nowMs = 0;
  owner = 'b';
  alive = ['a'];
  asked = [];
  calls = new CallTable();
  pipes = new Pipes();
  history = new TakeoverHistory();
  const context = {
    pod: 'b',
    calls,
    pipes,
    metrics: new ProxyMetrics(),
    log: newLogger('error', {}),
    monotonicMs: () => nowMs,
    wallMs: () => nowMs,
    keeper: {
      keep: ({ record }: Call) => asked.push(`keep ${record.id}`),
      releaseAll: () => asked.push('release all'),
    },
    mesh: {
      ownerOf: () => ({ pod: owner, epoch: 9 }),
      isAlive: (pod: string) => alive.includes(pod),
      merge: (copy: RecordCopy) => {
        asked.push(`merge ${copy.id}`);
        ownership.take(copy);
      },
      end: (_tag: string, id: string) => asked.push(`end ${id}`),
    },
  } as unknown as CallContext;
  ownership = new Ownership(context, {
    history,
    rehoming: {
      begin: ({ record }: Call) => asked.push(`re-home ${record.id}`) > 0,
      stop: () => undefined,
    },
    engine: { releaseHeld: () => undefined },
    ringing: {
      isKey: (key: string) => key === RINGING,
      takeIn: (_tag: string, _copy: unknown, isDead: boolean) =>
        asked.push(`ringing, ${isDead ? 'dead' : 'alive'}`),
      withdraw: () => asked.push('withdraw ringing'),
    },
  } as unknown as OwnershipParts);
});

const REHOME = `re-home ${sampleRecord().id}`;

describe('a call that the old owner gives to the new one', () => {
  it('is kept for later while the new owner gathers', () => {
    ownership.adopt('a', copyOf());
    expect(asked).toEqual([`merge ${sampleRecord().id}`]);
    expect(calls.size).toBe(0);
  });

  it('is taken by its newest record, though the mesh had collected an older one, or none', () => {
    ownership.ownerChanged(TAG);
    ownership.adopt('a', copyOf({ version: 40 }));
    ownership.takenOver(takenOver([copyOf({ open: [OPEN], version: 39 })]));
    expect(theCall()?.awaits).toBeUndefined();
    expect(asked.at(-1)).toBe(REHOME);
    ownership.lost(TAG);
    ownership.ownerChanged(TAG);
    ownership.endedElsewhere(TAG, sampleRecord().id);
    ownership.takenOver(takenOver([copyOf({ version: 41 })]));
    expect(calls.size).toBe(0);
  });

  it('is re-homed at once when no exchange is under way in it', () => {
    ownership.takenOver(takenOver([]));
    ownership.adopt('a', copyOf());
    expect(asked).toEqual([REHOME, `keep ${sampleRecord().id}`]);
    expect(theCall()?.record.epoch).toBe(9);
  });

  it('is left to the old owner until its exchange is over', () => {
    ownership.takenOver(takenOver([copyOf({ open: [OPEN] })]));
    expect(theCall()?.awaits?.pod).toBe('a');
    expect(asked).toEqual([]);
    const before = theCall();
    ownership.adopt('a', copyOf({ version: 40 }));
    expect(asked).toEqual([REHOME, `keep ${sampleRecord().id}`]);
    expect(theCall()).toBe(before);
    expect(theCall()?.record.version).toBeGreaterThan(40);
    expect(history.reports()).toMatchObject([{ claim: 'handover', from: 'a', dialogs: 1 }]);
  });

  it('is acted for when the old owner dies, or says nothing for 32 s', () => {
    ownership.takenOver(takenOver([copyOf({ open: [OPEN] })]));
    ownership.memberDied('c');
    expect(asked).toEqual([]);
    ownership.memberDied('a');
    expect(asked).toEqual([REHOME]);
    ownership.takenOver(takenOver([copyOf({ open: [OPEN] })]));
    nowMs = 31_999;
    ownership.sweep();
    expect(asked).toEqual([REHOME]);
    nowMs = 32_000;
    ownership.sweep();
    expect(asked).toEqual([REHOME, REHOME]);
  });

  it('is acted for at once after a death', () => {
    ownership.takenOver(takenOver([copyOf({ open: [OPEN] })], 'dead'));
    expect(asked).toEqual([REHOME]);
  });

  it('is not taken anew when this pod acts for it already', () => {
    ownership.takenOver(takenOver([copyOf()]));
    const { record } = theCall() ?? {};
    ownership.adopt('a', copyOf());
    expect(theCall()?.record).toBe(record);
  });

  it('is over when the old owner says so', () => {
    ownership.takenOver(takenOver([copyOf()]));
    ownership.endedElsewhere(TAG, sampleRecord().id);
    expect(calls.size).toBe(0);
    expect(asked).toContain(`end ${sampleRecord().id}`);
  });
});

it('a newer record replaces the older one in a call, and what waits in the call goes on waiting', () => {
  ownership.takenOver(takenOver([copyOf()]));
  const call = theCall();
  const gate = {} as NonNullable<Call['gate']>;
  if (call) call.gate = gate;
  const { id: key, epoch, version, bytes } = copyOf({ version: 50 });
  ownership.merged({
    kind: 'merged',
    tag: TAG,
    key,
    ended: false,
    record: { key, epoch, version, bytes, doubtful: false },
  });
  expect(theCall()).toBe(call);
  expect(call?.gate).toBe(gate);
  expect(call?.record.version).toBeGreaterThanOrEqual(50);
});

describe('a tag that another pod takes', () => {
  it('leaves exchanges under way to this pod, and all calls as a pipe', () => {
    ownership.takenOver(takenOver([copyOf()], 'dead'));
    const call = theCall();
    if (call) call.record.open = [OPEN];
    owner = 'c';
    ownership.lost(TAG);
    expect(pipes.finishing(TAG)).toEqual([call]);
    asked = [];
    ownership.ownerChanged(TAG);
    expect(asked).toEqual([`keep ${sampleRecord().id}`]);
  });

  it('and gives back comes with its calls, without those that ended elsewhere', () => {
    ownership.takenOver(takenOver([copyOf()], 'dead'));
    const call = theCall();
    ownership.lost(TAG);
    ownership.takenOver(takenOver([copyOf({ version: 50 })]));
    expect(theCall()).toBe(call);
    ownership.lost(TAG);
    ownership.takenOver(takenOver([]));
    expect(calls.size).toBe(0);
  });
});

describe('what rings', () => {
  const count = { ...copyOf(), id: RINGING };

  it.each([
    ['dead', 'ringing, dead'],
    ['handover', 'ringing, alive'],
  ] as const)('at an owner before: claim %s', (reason, told) => {
    ownership.takenOver(takenOver([count], reason));
    expect(asked).toContain(told);
    expect(calls.size).toBe(0);
  });

  it('here is no matter of the next owner', () => {
    ownership.takenOver(takenOver([]));
    ownership.paused(TAG);
    expect(asked).toContain('withdraw ringing');
  });
});

it('takes no number for overtaken that may have come to the owner in between', () => {
  ownership.takenOver(takenOver([copyOf()]));
  const call = theCall();
  if (call === undefined) throw new Error('no call');
  call.skipped = [new SkippedCSeqs(), new SkippedCSeqs()];
  call.skipped[0].note(5, 8);
  ownership.lost(TAG);
  expect(theCall()).toBe(call);
  expect(call.skipped).toBeUndefined();
});

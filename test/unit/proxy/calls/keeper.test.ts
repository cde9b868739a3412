import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ProxyConfig } from '../../../../src/api/proxy-config.ts';
import { takeCSeq } from '../../../../src/dialog/epoch-cseq.ts';
import type { OpenRequest } from '../../../../src/dialog/record.ts';
import type { Call } from '../../../../src/proxy/calls/call.ts';
import { CallTable } from '../../../../src/proxy/calls/call-table.ts';
import type { CallContext } from '../../../../src/proxy/calls/context.ts';
import { copiedCSeqs } from '../../../../src/proxy/calls/copied-cseqs.ts';
import { Keeper } from '../../../../src/proxy/calls/keeper.ts';
import { Pipes } from '../../../../src/proxy/calls/pipes.ts';
import { decodePodMessage } from '../../../../src/proxy/calls/pod-message.ts';
import { ProxyMetrics } from '../../../../src/proxy/metrics.ts';
import { newLogger } from '../../../../src/runtime/logger.ts';
import { TimingWheel } from '../../../../src/runtime/timing-wheel.ts';
import { sampleRecord } from '../../dialog/sample-record.ts';

const TIMEOUT_MS = 200;

const OPEN: OpenRequest = {
  method: 'INVITE',
  from: 0,
  cseqIn: 2,
  cseqOut: 2,
  branchOut: '',
  vias: [],
  recordRoutes: [],
  peer: { address: '', port: 0 },
  offer: '',
  lateOffer: false,
  settled: false,
  answer: '',
  acked: false,
};

let nowMs = 0;
let due: { atMs: number; callback: () => void }[] = [];
let standbys = 1;
let owner = 'a';
let sequence = 0;
/** The pods that were given a call. */
let given: string[] = [];
let payloads: Uint8Array[] = [];
/** What the mesh was given to keep. */
let merged: string[] = [];
let pipes: Pipes;
let metrics: ProxyMetrics;

function advance(byMs: number): void {
  const untilMs = nowMs + byMs;
  for (let next = due[0]; next !== undefined && next.atMs <= untilMs; next = due[0]) {
    due.shift();
    nowMs = Math.max(nowMs, next.atMs);
    next.callback();
  }
  nowMs = untilMs;
}

function newKeeper(durability: 'acknowledged' | 'async' = 'acknowledged', calls = new CallTable()): Keeper {
  const clock = {
    nowMs: () => nowMs,
    after: (delayMs: number, callback: () => void) => {
      due.push({ atMs: nowMs + delayMs, callback });
    },
  };
  const mesh = {
    ownerOf: () => ({ pod: owner, epoch: 3 }),
    put: () => ++sequence,
    inSyncStandbys: () => standbys,
    end: () => undefined,
    merge: ({ id }: { id: string }) => {
      merged.push(id);
    },
    send: (pod: string, payload: Uint8Array) => payloads.push(payload) + given.push(pod) > 0,
  };
  const config = { replication: { durability, protectTimeoutMs: TIMEOUT_MS } } as unknown as ProxyConfig;
  const context: Partial<CallContext> = {
    pod: 'a',
    config,
    metrics,
    wheel: new TimingWheel(clock),
    mesh: mesh as unknown as CallContext['mesh'],
    calls,
    pipes,
    monotonicMs: () => nowMs,
    wallMs: () => nowMs,
    log: newLogger('error', {}),
  };
  return new Keeper(context as CallContext);
}

function newCall(): Call {
  return { record: sampleRecord() };
}

/** How many answers left unprotected for this reason. */
async function unprotected(reason: string): Promise<number> {
  const { values } = await metrics.unprotectedAnswers.get();
  return values.find(({ labels }) => labels.reason === reason)?.value ?? 0;
}

beforeEach(() => {
  nowMs = 0;
  due = [];
  standbys = 1;
  owner = 'a';
  sequence = 0;
  given = [];
  payloads = [];
  merged = [];
  pipes = new Pipes();
  metrics = new ProxyMetrics();
});

describe('an answer that completes an offer/answer', () => {
  it('leaves once a standby holds it, and not for an older sequence', () => {
    const keeper = newKeeper();
    const call = newCall();
    let left = false;
    keeper.protect(call, () => (left = true));
    keeper.acknowledged(call.record.tag, 0);
    expect(left).toBe(false);
    expect(call.gate).toBeDefined();
    keeper.acknowledged(call.record.tag, 1);
    expect(left).toBe(true);
    expect(call.gate).toBeUndefined();
  });

  it('leaves when the wait is over, counted as unprotected', async () => {
    const keeper = newKeeper();
    const call = newCall();
    let left = 0;
    keeper.protect(call, () => left++);
    advance(TIMEOUT_MS - 20);
    expect(left).toBe(0);
    advance(40);
    expect(left).toBe(1);
    expect(await unprotected('timeout')).toBe(1);
    keeper.acknowledged(call.record.tag, 1);
    expect(left).toBe(1);
  });

  it('does not wait where no standby is in sync, or this pod is not the owner', async () => {
    const keeper = newKeeper();
    let left = 0;
    standbys = 0;
    keeper.protect(newCall(), () => left++);
    standbys = 1;
    owner = 'b';
    keeper.protect(newCall(), () => left++);
    expect(left).toBe(2);
    expect(await unprotected('no_standby')).toBe(2);
  });

  it('does not wait where nobody asked for it', async () => {
    let left = false;
    newKeeper('async').protect(newCall(), () => (left = true));
    expect(left).toBe(true);
    expect(await unprotected('no_standby')).toBe(0);
  });

  it('leaves when no acknowledgement can come any more', () => {
    const keeper = newKeeper();
    const left: string[] = [];
    const call = newCall();
    keeper.protect(call, () => left.push('answer'));
    call.gate?.push(() => left.push('behind'));
    keeper.releaseAll(call.record.tag);
    expect(left).toEqual(['answer', 'behind']);
    advance(2 * TIMEOUT_MS);
    expect(left).toHaveLength(2);
  });

  it('holds up no other call when two of one dialog wait at once', () => {
    const keeper = newKeeper();
    const left: string[] = [];
    const call = newCall();
    const other = newCall();
    keeper.protect(call, () => left.push('first'));
    keeper.protect(call, () => left.push('second'));
    keeper.protect(other, () => left.push('other'));
    keeper.acknowledged(call.record.tag, 1);
    expect(left).toEqual(['first']);
    expect(call.gate).toBeDefined();
    keeper.acknowledged(call.record.tag, 3);
    expect(left).toEqual(['first', 'second', 'other']);
    expect(call.gate).toBeUndefined();
  });
});

describe('the CSeq numbers of a leg', () => {
  /** How many requests may leave before one is acknowledged. */
  function useAll(keeper: Keeper, call: Call): number {
    let used = 0;
    while (used < 5000 && keeper.mayUseNextCSeq(call, 1)) {
      takeCSeq(call.record.legs[1], call.record.epoch);
      keeper.keep(call, false);
      used++;
    }
    return used;
  }

  it('stay below what a successor would begin with from the copy that a standby holds', () => {
    const keeper = newKeeper();
    const call = newCall();
    call.record.epoch = 3;
    call.kept = copiedCSeqs(call.record);
    expect(useAll(keeper, call)).toBe(999);
    keeper.acknowledged(call.record.tag, sequence);
    const [, callee] = call.record.legs;
    expect(useAll(keeper, call)).toBeGreaterThan(0);
    keeper.acknowledged(call.record.tag, sequence);
    expect(useAll(keeper, call)).toBeGreaterThan(900);
    expect(callee.localCSeqEpoch).toBe(3);
  });

  it('may be used though none was in the epochs before', () => {
    const keeper = newKeeper();
    const call = newCall();
    call.kept = copiedCSeqs(call.record);
    call.record.epoch = call.record.legs[1].localCSeqEpoch + 3;
    takeCSeq(call.record.legs[1], call.record.epoch);
    expect(keeper.mayUseNextCSeq(call, 1)).toBe(true);
  });
});

describe('an answered call of a tag that another pod owns', () => {
  beforeEach(() => {
    owner = 'b';
  });

  it('is given to it, kept as a copy, and relayed for 32 s more', () => {
    const calls = new CallTable();
    const keeper = newKeeper('acknowledged', calls);
    const call = newCall();
    calls.add(call);
    expect(keeper.keep(call, true)).toBeUndefined();
    expect(given).toEqual(['b']);
    expect(merged).toEqual([call.record.id]);
    expect(call.finishingUntilMs).toBeUndefined();
    expect(pipes.takeExpired(31_999)).toEqual([]);
    expect(pipes.takeExpired(32_000)).toEqual([call]);
  });

  it('stays with this pod while an exchange is under way in it, and is given again when that is over', () => {
    const keeper = newKeeper();
    const call = newCall();
    call.record.open = [OPEN];
    keeper.keep(call, true);
    expect(pipes.finishing(call.record.tag)).toEqual([call]);
    call.record.open = [];
    keeper.keep(call, true);
    expect(pipes.finishing(call.record.tag)).toEqual([]);
    expect(given).toEqual(['b', 'b']);
  });

  it('that ended is said to be over', () => {
    const calls = new CallTable();
    const keeper = newKeeper('acknowledged', calls);
    const call = newCall();
    calls.add(call);
    keeper.end(call, 'bye');
    const { tag, id } = call.record;
    expect(payloads.map((bytes) => decodePodMessage(bytes))).toEqual([{ kind: 'ended', tag, id }]);
  });
});

import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Call } from '../../../../src/proxy/calls/call.ts';
import type { CallContext } from '../../../../src/proxy/calls/context.ts';
import { CallTable } from '../../../../src/proxy/calls/call-table.ts';
import { Handovers, type WantedMove } from '../../../../src/proxy/calls/handovers.ts';
import { ProxyMetrics } from '../../../../src/proxy/metrics.ts';
import { newLogger } from '../../../../src/runtime/logger.ts';
import { TimingWheel } from '../../../../src/runtime/timing-wheel.ts';
import { sampleRecord } from '../../dialog/sample-record.ts';

const MOVE: WantedMove = { tag: 'edge-07', to: 'b', cause: 'ByHand', reason: 'somebody wants it' };

let nowMs = 0;
let due: { atMs: number; callback: () => void }[] = [];
let owned: string[] = [];
let asked: string[] = [];
let why: string | undefined;
let changes = 0;
let metrics: ProxyMetrics;
let call: Call;
let handovers: Handovers;

function advance(byMs: number): void {
  const untilMs = nowMs + byMs;
  for (let next = due[0]; next !== undefined && next.atMs <= untilMs; next = due[0]) {
    due.shift();
    nowMs = Math.max(nowMs, next.atMs);
    next.callback();
  }
  nowMs = untilMs;
}

async function counted(outcome: string): Promise<number> {
  const { values } = await metrics.moves.get();
  return values.find(({ labels }) => labels.outcome === outcome)?.value ?? 0;
}

beforeEach(() => {
  nowMs = 0;
  due = [];
  owned = ['edge-07'];
  asked = [];
  why = undefined;
  changes = 0;
  metrics = new ProxyMetrics();
  call = { record: sampleRecord() };
  const calls = new CallTable();
  calls.add(call);
  const clock = {
    nowMs: () => nowMs,
    after: (delayMs: number, callback: () => void) => {
      due.push({ atMs: nowMs + delayMs, callback });
    },
  };
  const context: Partial<CallContext> = {
    calls,
    metrics,
    log: newLogger('error', {}),
    wheel: new TimingWheel(clock),
    mesh: { ownedTags: () => owned } as unknown as CallContext['mesh'],
    monotonicMs: () => nowMs,
  };
  const mesh = {
    successor: () => 'c',
    handOver: (tag: string, pod: string) => {
      asked.push(`${tag} ${pod}`);
      return why;
    },
  };
  handovers = new Handovers(context as CallContext, mesh, () => {
    changes++;
  });
});

describe('a handover that is wanted', () => {
  it('begins at once, and again every two seconds while the tag is still here', () => {
    handovers.want([MOVE]);
    expect(asked).toEqual(['edge-07 b']);
    handovers.want([MOVE]);
    advance(1900);
    expect(asked).toHaveLength(1);
    advance(200);
    expect(asked).toHaveLength(2);
  });

  it('goes to whoever holds everything when nobody is named', () => {
    const { tag, cause, reason } = MOVE;
    handovers.want([{ tag, cause, reason }]);
    expect(asked).toEqual(['edge-07 c']);
  });

  it('waits for the tag, and stops when it is wanted no more', () => {
    owned = [];
    handovers.want([MOVE]);
    advance(500);
    expect(asked).toEqual([]);
    handovers.want([]);
    owned = ['edge-07'];
    advance(500);
    expect(asked).toEqual([]);
  });

  it('waits for a BYE under way, for four seconds at most', () => {
    call.ending = true;
    handovers.want([MOVE]);
    advance(3900);
    expect(asked).toEqual([]);
    delete call.ending;
    advance(100);
    expect(asked).toHaveLength(1);
    handovers.want([]);
    call.ending = true;
    handovers.want([MOVE]);
    advance(3900);
    expect(asked).toHaveLength(1);
    advance(300);
    expect(asked).toHaveLength(2);
  });

  it('says why it does not begin, until it does', async () => {
    why = 'b is not in sync';
    handovers.want([MOVE]);
    advance(2100);
    expect(handovers.refused).toEqual([{ tag: 'edge-07', to: 'b', why }]);
    expect([changes, await counted('refused')]).toEqual([1, 1]);
    why = undefined;
    advance(2100);
    expect(handovers.refused).toEqual([]);
    expect(changes).toBe(2);
  });

  it('is counted when the other pod has the tag, or this one has it again', async () => {
    handovers.want([MOVE]);
    handovers.settled('edge-07', undefined);
    advance(2100);
    handovers.settled('edge-07', 'b');
    handovers.settled('edge-07', 'b');
    expect([await counted('returned'), await counted('moved')]).toEqual([1, 1]);
  });
});

import { beforeEach, describe, expect, it } from '@jest/globals';
import type { CallContext } from '../../../../src/proxy/calls/context.ts';
import { Drain } from '../../../../src/proxy/calls/drain.ts';
import type { WantedMove } from '../../../../src/proxy/calls/handovers.ts';
import { NewCalls } from '../../../../src/proxy/calls/new-calls.ts';
import type { MeshPort } from '../../../../src/proxy/calls/mesh-port.ts';
import { Tags } from '../../../../src/proxy/calls/tags.ts';
import { ProxyMetrics } from '../../../../src/proxy/metrics.ts';

const TAG = 't';

let nowMs: number;
let owner: string;
let alive: string[];
let calls: Map<string, { setup?: { stop(status: number): void } }>;
/** When tags were first asked to go, in ms after the drain began. */
let askedAtMs: number | undefined;
let newCalls: NewCalls;
let drain: Drain;

beforeEach(() => {
  nowMs = 0;
  owner = 'a';
  alive = ['b'];
  calls = new Map();
  askedAtMs = undefined;
  const mesh = {
    ownedTags: () => (owner === 'a' ? [TAG] : []),
    ownerOf: () => ({ pod: owner, epoch: 1 }),
    alivePods: () => alive,
  } as unknown as MeshPort;
  const tags = new Tags([{ tag: TAG, group: '' }]);
  const monotonicMs = (): number => nowMs;
  newCalls = new NewCalls({ mesh, pod: 'a', tags, monotonicMs });
  const context = {
    ...{ pod: 'a', mesh, tags, calls, newCalls, monotonicMs },
    metrics: new ProxyMetrics(),
    transactions: { count: 0 },
    wheel: {
      set: (ms: number, run: () => void) => {
        nowMs += ms;
        run();
      },
    },
  } as unknown as CallContext;
  const want = (moves: readonly WantedMove[]): void => {
    if (moves.length === 0) return;
    askedAtMs ??= nowMs;
    owner = 'b';
  };
  drain = new Drain(context, { want }, () => []);
});

describe('a pod that is told to stop', () => {
  it('takes new calls for 3 s before its tags go', async () => {
    await drain.run();
    expect(askedAtMs).toBe(3_000);
  });

  it('waits no longer if it was being emptied before', async () => {
    newCalls.leaving = true;
    nowMs = 2_000;
    await drain.run();
    expect(askedAtMs).toBe(3_000);
  });

  it('begins to relay at once when its tags have gone before', async () => {
    owner = 'b';
    calls.set('x', {});
    await drain.run();
    expect(nowMs).toBe(32_000);
  });

  it('ends at once without tags and calls', async () => {
    owner = 'b';
    await drain.run();
    expect(nowMs).toBe(0);
  });

  it('ends at once without calls when nobody is there to take its tags', async () => {
    alive = [];
    await drain.run();
    expect(nowMs).toBe(0);
    expect(askedAtMs).toBeUndefined();
  });

  it('relays for 32 s after its tags are gone', async () => {
    calls.set('x', {});
    await drain.run();
    expect(nowMs).toBe(3_000 + 50 + 32_000);
  });

  it('lets ring for 60 s, then says 503', async () => {
    const statuses: number[] = [];
    calls.set('x', { setup: { stop: (status) => statuses.push(status) } });
    await drain.run();
    expect(statuses).toEqual([503]);
    expect(nowMs).toBe(3_000 + 50 + 60_000 + 32_000);
  });
});

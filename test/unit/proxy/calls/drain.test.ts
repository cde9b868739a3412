import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { CallContext } from '../../../../src/proxy/calls/context.ts';
import { Drain } from '../../../../src/proxy/calls/drain.ts';
import type { WantedMove } from '../../../../src/proxy/calls/handovers.ts';
import { Leavers } from '../../../../src/proxy/calls/leavers.ts';
import { NewCalls } from '../../../../src/proxy/calls/new-calls.ts';
import type { MeshPort } from '../../../../src/proxy/calls/mesh-port.ts';
import { Tags } from '../../../../src/proxy/calls/tags.ts';
import { ProxyMetrics } from '../../../../src/proxy/metrics.ts';
import { newLogger } from '../../../../src/runtime/logger.ts';

const TAG = 't';
const CALL = { record: { tag: TAG } };

let nowMs: number;
let owner: string;
let alive: string[];
let calls: Map<string, { record: { tag: string }; setup?: { stop(status: number): void } }>;
let leavers: Leavers;
/** Until when an answer to a request that another pod was given may come, and what is held. */
let awaitedUntilMs: number;
let held: { size: number };
/** Whether the other pod takes what it is asked to. */
let takes: boolean;
/** When calls were ended by BYEs, in ms after the drain began. */
let endedAtMs: number | undefined;
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
  endedAtMs = undefined;
  takes = true;
  awaitedUntilMs = 0;
  held = { size: 0 };
  const mesh = {
    ownedTags: () => (owner === 'a' ? [TAG] : []),
    ownerOf: () => ({ pod: owner, epoch: 1 }),
    alivePods: () => alive,
    send: () => true,
  } as unknown as MeshPort;
  const tags = new Tags([{ tag: TAG, group: '' }]);
  const monotonicMs = (): number => nowMs;
  leavers = new Leavers(monotonicMs);
  newCalls = new NewCalls({ mesh, pod: 'a', tags, monotonicMs });
  const context = {
    ...{ pod: 'a', mesh, tags, calls, held, leavers, newCalls, monotonicMs },
    handedOn: { isAwaited: (atMs: number) => atMs < awaitedUntilMs },
    config: { drain: { deletionWaitMs: 30_000 } },
    log: newLogger('error', {}),
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
    if (takes) owner = 'b';
  };
  const byes = {
    add: () => undefined,
    step: () => {
      endedAtMs ??= nowMs;
      calls.clear();
    },
    get left() {
      return calls.size;
    },
    progressMs: 0,
  };
  drain = new Drain(context, { handovers: { want }, wanted: () => [], finalByes: () => byes });
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
    calls.set('x', CALL);
    await drain.run();
    expect(nowMs).toBe(32_000);
  });

  it('ends at once without tags and calls', async () => {
    owner = 'b';
    await drain.run();
    expect(nowMs).toBe(0);
  });

  it('waits without calls for the answers to what it handed on, since they leave by its sockets', async () => {
    owner = 'b';
    awaitedUntilMs = 5_000;
    await drain.run();
    expect(nowMs).toBe(5_000);
  });

  it('waits without calls while it holds a message, as long as it would relay', async () => {
    owner = 'b';
    held.size = 1;
    await drain.run();
    expect(nowMs).toBe(32_000);
  });

  it('ends at once without calls when nobody is there to take its tags', async () => {
    alive = [];
    await drain.run();
    expect(nowMs).toBe(0);
    expect(askedAtMs).toBeUndefined();
  });

  it('relays for 32 s after its tags are gone', async () => {
    calls.set('x', CALL);
    await drain.run();
    expect(nowMs).toBe(3_000 + 50 + 32_000);
  });

  it('lets ring for 60 s, then says 503', async () => {
    const statuses: number[] = [];
    calls.set('x', { ...CALL, setup: { stop: (status) => statuses.push(status) } });
    await drain.run();
    expect(statuses).toEqual([503]);
    expect(nowMs).toBe(3_000 + 50 + 60_000 + 32_000);
  });

  it('keeps calls that nobody takes for deletionWait, then ends them and needs no relay', async () => {
    alive = [];
    calls.set('x', CALL);
    await drain.run();
    expect(endedAtMs).toBe(30_000);
    expect(nowMs).toBe(30_000);
    expect(newCalls.nextTag('')).toBeUndefined();
  });

  it('counts a pod that was told to stop, too, for nobody', async () => {
    calls.set('x', CALL);
    jest.spyOn(leavers, 'isLeaving').mockReturnValue(true);
    await drain.run();
    expect(askedAtMs).toBeUndefined();
    expect(endedAtMs).toBe(30_000);
  });

  it('hands calls to a pod that comes while it waits', async () => {
    calls.set('x', CALL);
    jest.spyOn(leavers, 'isLeaving').mockImplementation(() => nowMs < 20_000);
    await drain.run();
    expect(askedAtMs).toBe(20_000);
    expect(endedAtMs).toBeUndefined();
  });

  it('leaves calls to its death when a pod is there that does not take them', async () => {
    takes = false;
    calls.set('x', CALL);
    await drain.run();
    expect(endedAtMs).toBeUndefined();
    expect(nowMs).toBe(3_000 + 10_000 + 32_000);
  });

  it('stays for the vote of another pod that was told to stop and has calls', async () => {
    leavers.note('b', true);
    jest.spyOn(leavers, 'haveCalls').mockImplementation(() => nowMs < 25_000);
    await drain.run();
    expect(nowMs).toBe(25_000);
  });
});

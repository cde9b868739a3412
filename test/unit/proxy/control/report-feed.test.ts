import { beforeEach, describe, expect, it } from '@jest/globals';
import { ReportFeed } from '../../../../src/proxy/control/report-feed.ts';
import { TimingWheel } from '../../../../src/runtime/timing-wheel.ts';

let nowMs = 0;
let due: { atMs: number; callback: () => void }[] = [];
let state = 'first';
let feed: ReportFeed;

function advance(byMs: number): void {
  const untilMs = nowMs + byMs;
  for (let next = due[0]; next !== undefined && next.atMs <= untilMs; next = due[0]) {
    due.shift();
    nowMs = Math.max(nowMs, next.atMs);
    next.callback();
  }
  nowMs = untilMs;
}

/** Whether a promise has resolved by now. */
async function isDone(promise: Promise<void>): Promise<boolean> {
  let done = false;
  void promise.then(() => {
    done = true;
  });
  await Promise.resolve();
  await Promise.resolve();
  return done;
}

beforeEach(() => {
  nowMs = 0;
  due = [];
  state = 'first';
  const clock = {
    nowMs: () => nowMs,
    after: (delayMs: number, callback: () => void) => {
      due.push({ atMs: nowMs + delayMs, callback });
    },
  };
  feed = new ReportFeed(new TimingWheel(clock), 'boot', () => state);
  feed.refresh();
});

describe('who waits for the next version', () => {
  it('waits no longer when something changed, soon after it did', async () => {
    const next = feed.next(feed.version, 10_000);
    expect(await isDone(next)).toBe(false);
    state = 'second';
    feed.touch();
    expect(await isDone(next)).toBe(false);
    advance(30);
    expect(await isDone(next)).toBe(true);
  });

  it('does not hear of a touch that changed nothing', async () => {
    const { version } = feed;
    const next = feed.next(version, 10_000);
    feed.touch();
    advance(100);
    expect(await isDone(next)).toBe(false);
    expect(feed.version).toBe(version);
  });

  it('waits no longer than it wants to, and not at all for a version that is old', async () => {
    const next = feed.next(feed.version, 1000);
    advance(1020);
    expect(await isDone(next)).toBe(true);
    expect(await isDone(feed.next('other', 1000))).toBe(true);
  });
});

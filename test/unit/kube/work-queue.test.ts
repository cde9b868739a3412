import { describe, expect, test } from '@jest/globals';
import { WorkQueue } from '../../../src/kube/work-queue.ts';
import { settled, VirtualClock } from './virtual-clock.ts';

interface Bench {
  clock: VirtualClock;
  queue: WorkQueue;
  /** Keys worked on, with the time. */
  log: string[];
  /** Lets the oldest work under way end. */
  finish: (outcome?: number | Error) => Promise<void>;
}

function bench(workers = 1): Bench {
  const clock = new VirtualClock();
  const log: string[] = [];
  const open: PromiseWithResolvers<number | undefined>[] = [];
  const queue = new WorkQueue({
    clock,
    workers,
    work: (key) => {
      log.push(`${key}@${String(clock.nowMs())}`);
      const work = Promise.withResolvers<number | undefined>();
      open.push(work);
      return work.promise;
    },
  });
  const finish = async (outcome?: number | Error): Promise<void> => {
    const work = open.shift();
    if (outcome instanceof Error) work?.reject(outcome);
    else work?.resolve(outcome);
    await settled();
  };
  return { clock, queue, log, finish };
}

describe('a work queue', () => {
  test('works on a key once however often it was added', async () => {
    const { queue, log, finish } = bench();
    queue.add('first');
    queue.add('a');
    queue.add('a');
    expect(queue.depth).toBe(1);
    await finish();
    await finish();
    expect(log).toEqual(['first@0', 'a@0']);
  });

  test('works again on a key that was added while it was worked on, never twice at a time', async () => {
    const { queue, log, finish } = bench(4);
    queue.add('a');
    queue.add('a');
    queue.add('a');
    await settled();
    expect(log).toEqual(['a@0']);
    await finish();
    expect(log).toEqual(['a@0', 'a@0']);
    await finish();
    expect(log).toHaveLength(2);
  });

  test('works on as many keys at a time as it has workers', async () => {
    const { queue, log, finish } = bench(2);
    for (const key of ['a', 'b', 'c']) queue.add(key);
    expect(log).toEqual(['a@0', 'b@0']);
    await finish();
    expect(log).toEqual(['a@0', 'b@0', 'c@0']);
  });

  test('adds a key for later, the sooner time counts, and a key that comes before does not come twice', async () => {
    const { clock, queue, log, finish } = bench();
    queue.addAfter('a', 500);
    queue.addAfter('a', 200);
    queue.addAfter('a', 900);
    await clock.advance(199);
    expect(log).toEqual([]);
    await clock.advance(1);
    await finish();
    await clock.advance(1000);
    expect(log).toEqual(['a@200']);
    queue.addAfter('a', 100);
    queue.add('a');
    await finish();
    await clock.advance(1000);
    expect(log).toEqual(['a@200', 'a@1200']);
  });

  test('asks again after the time that the work names', async () => {
    const { clock, queue, log, finish } = bench();
    queue.add('a');
    await finish(300);
    await clock.advance(300);
    expect(log).toEqual(['a@0', 'a@300']);
  });

  test('waits twice as long after each failure in a row, at most 30 s', async () => {
    const { clock, queue, log, finish } = bench();
    queue.add('a');
    const waits: number[] = [];
    for (let failures = 0; failures < 16; failures++) {
      const failedMs = clock.nowMs();
      const done = log.length;
      await finish(new Error('no'));
      while (log.length === done) await clock.advance(5);
      waits.push(clock.nowMs() - failedMs);
    }
    expect(waits.slice(0, 4)).toEqual([5, 10, 20, 40]);
    expect(waits.at(-1)).toBe(30_000);
    await finish();
    queue.add('a');
    const failedMs = clock.nowMs();
    await finish(new Error('no'));
    await clock.advance(5);
    expect(log.at(-1)).toBe(`a@${String(failedMs + 5)}`);
  });

  test('takes nothing more when it is stopped, and says when what was under way is done', async () => {
    const { queue, log, finish } = bench();
    queue.add('a');
    queue.add('b');
    let stopped = false;
    void queue.stop().then(() => {
      stopped = true;
    });
    queue.add('c');
    await settled();
    expect(stopped).toBe(false);
    await finish();
    expect(stopped).toBe(true);
    expect(log).toEqual(['a@0']);
  });
});

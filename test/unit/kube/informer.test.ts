import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { KubeError, type KubeApi } from '../../../src/kube/api.ts';
import { Informer } from '../../../src/kube/informer.ts';
import { CONFIG_MAPS } from '../../../src/kube/kinds.ts';
import type { ConfigMap } from '../../../src/kube/objects.ts';
import type { MemoryKubernetes } from '../../../src/local/kubernetes/memory-api.ts';
import { FaultyApi, NO_FAULTS } from '../../sim/faulty-api.ts';
import { seededRandom } from '../../sim/random.ts';
import { memoryKubernetes } from './memory-kubernetes.ts';
import { configMap } from './samples.ts';
import { settled, VirtualClock } from './virtual-clock.ts';

describe('an informer', () => {
  let memory: MemoryKubernetes;
  let faulty: FaultyApi;
  let clock: VirtualClock;
  let informer: Informer<ConfigMap>;
  let changes: string[];
  let relists: string[];
  let failures: number;

  const ref = (name: string): { namespace: string; name: string } => ({ namespace: 'default', name });

  beforeEach(() => {
    memory = memoryKubernetes();
    clock = new VirtualClock();
    faulty = new FaultyApi(memory, { random: seededRandom(7), faults: NO_FAULTS });
    changes = [];
    relists = [];
    failures = 0;
    informer = new Informer({
      api: faulty,
      kind: CONFIG_MAPS,
      selection: {},
      clock,
      random: () => 0,
      onChange: ({ ref: { name }, before, after }) => {
        changes.push(`${name} ${before?.data?.['v'] ?? '-'} ${after?.data?.['v'] ?? '-'}`);
      },
      onRelist: (cause, found) => {
        relists.push(`${cause} ${String(found)}`);
      },
      onFailure: () => {
        failures++;
      },
    });
  });

  afterEach(async () => {
    await informer.stop();
  });

  async function write(name: string, value: string): Promise<void> {
    await memory.apply(CONFIG_MAPS, configMap(name, { v: value }), { fieldManager: 'test' });
    await settled();
  }

  test('has everything there is, then hears of every change', async () => {
    await write('a', '1');
    expect(informer.hasSynced()).toBe(false);
    informer.start();
    await settled();
    expect(informer.hasSynced()).toBe(true);
    await write('a', '2');
    await write('b', '1');
    await memory.delete(CONFIG_MAPS, ref('a'));
    await settled();
    expect(changes).toEqual(['a - 1', 'a 1 2', 'b - 1', 'a 2 -']);
    expect(informer.list().map(({ metadata }) => metadata.name)).toEqual(['b']);
    expect(informer.get(ref('b'))?.data).toEqual({ v: '1' });
    expect(relists).toEqual(['start 0']);
  });

  test('knows which writes it has seen', async () => {
    informer.start();
    await settled();
    const { metadata } = await memory.create(CONFIG_MAPS, configMap('a'));
    await settled();
    const version = Number(metadata.resourceVersion);
    expect(informer.hasSeen(String(version))).toBe(true);
    expect(informer.hasSeen(String(version + 1))).toBe(false);
  });

  test('goes on where it was when a watch ends', async () => {
    informer.start();
    await settled();
    memory.endWatches();
    await settled();
    await write('a', '1');
    await clock.advance(10_000);
    expect(changes).toEqual(['a - 1']);
    expect(relists).toEqual(['start 0']);
  });

  test('lists again when its version is forgotten, and tells what the watches missed by uid', async () => {
    await write('same', '1');
    await write('gone', '1');
    await write('replaced', '1');
    informer.start();
    await settled();
    changes.length = 0;
    faulty.faults.lostRequest = 1;
    memory.endWatches();
    await settled();
    await memory.delete(CONFIG_MAPS, ref('gone'));
    await memory.delete(CONFIG_MAPS, ref('replaced'));
    await write('replaced', '2');
    memory.compact();
    faulty.faults.lostRequest = 0;
    await clock.advance(60_000);
    expect(relists).toEqual(['start 0', 'expired 2']);
    expect(changes).toEqual(['gone 1 -', 'replaced 1 -', 'replaced - 2']);
  });

  test('waits longer after each failure in a row and is in step as soon as the server is back', async () => {
    faulty.faults.serverError = 1;
    informer.start();
    await clock.advance(60_000);
    expect(failures).toBeGreaterThan(4);
    expect(failures).toBeLessThan(12);
    expect(informer.hasSynced()).toBe(false);
    faulty.faults.serverError = 0;
    await write('a', '1');
    await clock.advance(30_000);
    expect(changes).toEqual(['a - 1']);
  });

  test('does not storm a server that ends each watch at once', async () => {
    faulty.faults.cutWatch = 1;
    informer.start();
    await settled();
    for (let minute = 0; minute < 5; minute++) {
      await write('a', String(minute));
      memory.endWatches();
      await clock.advance(60_000);
    }
    expect(informer.get(ref('a'))?.data).toEqual({ v: '4' });
    expect(relists).toEqual(['start 0']);
  });

  test('begins soon again when watches that have run for a while are cut off', async () => {
    let watches = 0;
    const cut: KubeApi['watch'] = (_kind, { signal }) => {
      watches++;
      return new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => {
          resolve();
        });
        clock.after(2000, () => {
          reject(new KubeError(0, 'Unreachable', 'cut off'));
        });
      });
    };
    faulty.watch = cut;
    informer.start();
    await clock.advance(60_000);
    expect(watches).toBeGreaterThan(20);
    expect(relists).toEqual(['start 0']);
  });

  /** Has watches fail with this error after a time, and counts lists and watches. */
  function failWatches(error: KubeError, afterMs: number): { lists: number; watches: number } {
    const asked = { lists: 0, watches: 0 };
    const list = faulty.list.bind(faulty);
    const counting: KubeApi['list'] = (...given) => {
      asked.lists++;
      return list(...given);
    };
    const failing: KubeApi['watch'] = () => {
      asked.watches++;
      return new Promise((_resolve, reject) => {
        clock.after(afterMs, () => {
          reject(error);
        });
      });
    };
    Object.assign(faulty, { list: counting, watch: failing });
    return asked;
  }

  test('lists again when a watch was silent for too long: its version may be one that the server does not know', async () => {
    const watch = faulty.watch.bind(faulty);
    failWatches(new KubeError(0, 'Silent', 'nothing in 90000 ms'), 90_000);
    informer.start();
    await clock.advance(1000);
    faulty.watch = watch;
    await write('a', '1');
    await clock.advance(95_000);
    expect(changes).toEqual(['a - 1']);
    expect(relists).toEqual(['start 0', 'silent 1']);
  });

  test('does not storm a server that forgets each version at once', async () => {
    const asked = failWatches(new KubeError(410, 'Expired', 'too old'), 1);
    informer.start();
    await clock.advance(60_000);
    expect(asked.lists).toBeGreaterThan(3);
    expect(asked.lists).toBeLessThan(12);
  });

  test('goes on where it was, after the pause that was asked for, when a busy server takes no watch', async () => {
    const asked = failWatches(new KubeError(429, 'TooManyRequests', 'busy', 20_000), 1);
    informer.start();
    await clock.advance(19_000);
    expect(asked).toEqual({ lists: 1, watches: 1 });
    await clock.advance(60_000);
    expect(asked).toEqual({ lists: 1, watches: 4 });
  });

  test('has in the end what there is, whatever fails in between', async () => {
    const random = seededRandom(11);
    Object.assign(faulty.faults, { serverError: 0.2, lostRequest: 0.2, staleRead: 0.3, cutWatch: 0.3 });
    informer.start();
    for (let step = 0; step < 200; step++) {
      const name = `m${String(Math.floor(random() * 8))}`;
      if (random() < 0.3) await memory.delete(CONFIG_MAPS, ref(name)).catch(() => undefined);
      else await write(name, String(step));
      if (random() < 0.1) memory.compact();
      if (random() < 0.1) memory.endWatches();
      await clock.advance(random() * 2000);
    }
    Object.assign(faulty.faults, NO_FAULTS);
    await clock.advance(60_000);
    const { items } = await memory.list(CONFIG_MAPS, {});
    const sorted = informer.list().sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
    expect(sorted).toEqual(items);
  });

  test('says nothing more once it is stopped', async () => {
    informer.start();
    await settled();
    await informer.stop();
    await write('a', '1');
    await clock.advance(60_000);
    expect(changes).toEqual([]);
  });
});

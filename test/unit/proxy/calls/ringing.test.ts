import { beforeEach, describe, expect, it } from '@jest/globals';
import type { CallContext } from '../../../../src/proxy/calls/context.ts';
import { Ringing } from '../../../../src/proxy/calls/ringing.ts';
import { ProxyMetrics } from '../../../../src/proxy/metrics.ts';
import { newLogger } from '../../../../src/runtime/logger.ts';

const TAG = 't';

let ringing: Ringing;
let metrics: ProxyMetrics;
/** Calls that ring. */
let calls: { setup: object; record: { tag: string } }[];
let owned: string[];
/** What the mesh was told, in order. */
let told: string[];
let keys: string[];
let reportNow: () => void;

beforeEach(() => {
  calls = [];
  owned = [TAG];
  told = [];
  keys = [];
  let drawn = 0;
  metrics = new ProxyMetrics();
  ringing = new Ringing({
    calls: { values: () => calls.values() },
    wheel: {
      set: (_ms: number, run: () => void) => {
        reportNow = run;
      },
    },
    random: { hex: (digits: number) => String(++drawn).padStart(digits, '0') },
    mesh: {
      ownedTags: () => owned,
      put: (_tag: string, key: string) => {
        keys.push(key);
        told.push(`put ${countIn(key)}`);
      },
      end: (_tag: string, key: string) => told.push(`end ${key}`),
    },
    metrics,
    log: newLogger('error', {}),
  } as unknown as CallContext);
  ringing.start();
});

function ring(count: number): void {
  calls = Array.from({ length: count }, () => ({ setup: {}, record: { tag: TAG } }));
  reportNow();
}

/** The count that a standby would read. */
function countIn(key: string): number | undefined {
  const bytes = ringing.read(TAG, key);
  return bytes && new DataView(bytes.buffer).getUint32(0);
}

async function lost(): Promise<string | undefined> {
  return /^rehome_calls_lost_total\{reason="ringing"\} (\d+)/m.exec(await metrics.text())?.[1];
}

describe('the count of ringing calls', () => {
  it('is one record while calls ring, told when it changes', () => {
    ring(2);
    ring(2);
    ring(3);
    expect(told).toEqual(['put 2', 'put 3']);
    expect(new Set(keys).size).toBe(1);
    expect(ringing.isKey(keys[0] ?? '')).toBe(true);
  });

  it('ends with the last call, and is another record the next time', () => {
    ring(1);
    ring(0);
    ring(0);
    expect(told).toEqual(['put 1', `end ${keys[0]}`]);
    expect(ringing.read(TAG, keys[0] ?? '')).toBeUndefined();
    ring(1);
    expect(keys[1]).not.toBe(keys[0]);
    expect(countIn(keys[1] ?? '')).toBe(1);
  });

  it('ends when the tag goes to another pod, and begins again when it comes back', () => {
    ring(1);
    ringing.withdraw(TAG);
    owned = [];
    reportNow();
    expect(told).toEqual(['put 1', `end ${keys[0]}`]);
    owned = [TAG];
    reportNow();
    expect(told.at(-1)).toBe('put 1');
    expect(keys[1]).not.toBe(keys[0]);
  });

  it.each([
    [true, '3'],
    [false, undefined],
  ])('of another owner is ended, and lost if that is dead: %s', async (isDead, count) => {
    ringing.takeIn(TAG, { key: 'ringing:other', bytes: Uint8Array.of(0, 0, 0, 3) }, isDead);
    expect(told).toEqual(['end ringing:other']);
    expect(await lost()).toBe(count);
  });

  it('of this pod itself is left as it is', async () => {
    ring(2);
    ringing.takeIn(TAG, { key: keys[0] ?? '', bytes: Uint8Array.of(0, 0, 0, 2) }, true);
    expect(told).toEqual(['put 2']);
    expect(await lost()).toBeUndefined();
  });
});

import { describe, expect, it } from '@jest/globals';
import { CopyStore, OUT_OF_TOUCH_MS } from '../../../src/gossip/copy-store.ts';
import { hashText } from '../../../src/gossip/digest.ts';

const item = (key: string, epoch: number, version: number, text = `${key} ${String(version)}`) => ({
  key,
  epoch,
  version,
  ended: false,
  doubtful: false,
  bytes: new TextEncoder().encode(text),
});

describe('copies', () => {
  it('merge by epoch, then version', () => {
    const store = new CopyStore();
    expect(store.merge(item('a', 2, 1), 0)).toBe('newer');
    expect(store.merge(item('a', 1, 9), 0)).toBe('older');
    expect(store.merge(item('a', 2, 1), 0)).toBe('older');
    expect(store.merge(item('a', 2, 2), 0)).toBe('newer');
    expect(store.merge(item('a', 3, 1), 0)).toBe('newer');
    expect(store.version('a')).toEqual({ key: 'a', epoch: 3, version: 1 });
  });

  it('an end wins over every live version, before and after it', () => {
    const store = new CopyStore();
    store.merge(item('a', 1, 1), 0);
    expect(store.merge({ ...item('a', 1, 0), ended: true }, 0)).toBe('ended');
    expect(store.merge(item('a', 9, 9), 0)).toBe('older');
    expect(store.merge({ ...item('a', 1, 0), ended: true }, 0)).toBe('older');
    expect(store.own('a', 9, 9, 0)).toBe(false);
    expect([store.size, store.isEnded('a')]).toEqual([0, true]);
  });

  it('are copies: the packet may be reused', () => {
    const store = new CopyStore();
    const given = item('a', 1, 1, 'abc');
    store.merge(given, 0);
    given.bytes.fill(0);
    expect(new TextDecoder().decode(store.bytes('a'))).toBe('abc');
  });

  it('have equal digests exactly when they hold the same, however they came to it', () => {
    const [a, b] = [new CopyStore(), new CopyStore()];
    for (const key of ['x', 'y', 'z']) a.merge(item(key, 1, 1), 0);
    a.own('y', 2, 1, 0);
    a.end('x', 0);
    b.merge(item('y', 2, 1), 0);
    b.merge(item('z', 1, 1), 0);
    expect(a.differing(b.digest()).empty).toBe(false);
    expect(b.endAll([{ hash: hashText('x'), endedAtMs: 0 }], 0)).toMatchObject({ keys: [] });
    expect(a.differing(b.digest()).empty).toBe(true);
    b.clear();
    a.clear();
    expect(a.differing(b.digest()).empty).toBe(true);
  });

  it('an end by hash ends the live record and names its key', () => {
    const store = new CopyStore();
    store.merge(item('a', 1, 1), 0);
    const ends = [{ hash: hashText('a'), endedAtMs: 0 }];
    expect(store.endAll(ends, 0)).toEqual({ news: ends, keys: ['a'] });
    expect(store.endAll(ends, 0)).toEqual({ news: [], keys: [] });
    expect(store.size).toBe(0);
  });

  it('out of touch give only what their own program changed since, as doubtful', () => {
    const store = new CopyStore();
    store.merge(item('copy', 1, 1), 5000);
    store.own('before', 1, 1, 9000);
    store.touchedAtMs = 10_000;
    store.own('after', 1, 1, 11_000);
    expect(store.inTouch(10_000 + OUT_OF_TOUCH_MS)).toBe(true);
    expect(store.inTouch(10_001 + OUT_OF_TOUCH_MS)).toBe(false);
    store.forgetUntouched();
    expect(store.keys()).toEqual(['after']);
    expect(store.doubtful('after')).toBe(true);
  });

  it('take over the bytes that only the program had', () => {
    const store = new CopyStore();
    store.own('a', 1, 1, 0);
    store.own('gone', 1, 1, 0);
    store.adopt((key) => (key === 'a' ? Uint8Array.of(1) : undefined));
    expect(store.keys()).toEqual(['a']);
    expect(store.bytes('a')).toEqual(Uint8Array.of(1));
  });

  it('forget ends that are too old, in the digest, too', () => {
    const [a, b] = [new CopyStore(), new CopyStore()];
    a.end('x', 0);
    expect(a.differing(b.digest()).empty).toBe(false);
    a.expire(720_000);
    expect(a.differing(b.digest()).empty).toBe(true);
  });
});

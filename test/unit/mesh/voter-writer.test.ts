import { beforeEach, describe, expect, it } from '@jest/globals';
import { VoterWriter } from '../../../src/mesh/voter-writer.ts';

/** A store whose writes end when the test says so. */
class HeldStore {
  readonly written: string[] = [];
  #settle: ((error?: Error) => void) | undefined;

  read(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#settle = (error) => {
        this.#settle = undefined;
        if (error !== undefined) {
          reject(error);
          return;
        }
        this.written.push(Buffer.from(bytes).toString());
        resolve();
      };
    });
  }

  async settle(error?: Error): Promise<void> {
    while (this.#settle === undefined) await turn();
    this.#settle(error);
    await turn();
  }
}

describe('voter writer', () => {
  let store: HeldStore;
  let saved: number[];
  let failures: string[];
  let writer: VoterWriter;

  beforeEach(() => {
    store = new HeldStore();
    saved = [];
    failures = [];
    writer = new VoterWriter(store, {
      saved: (token) => saved.push(token),
      failed: (error) => failures.push(error.message),
    });
  });

  it('writes only the newest of what came while a write was under way, and confirms that', async () => {
    writer.save(1, Buffer.from('one'));
    writer.save(2, Buffer.from('two'));
    writer.save(3, Buffer.from('three'));
    await store.settle();
    await store.settle();
    expect(store.written).toEqual(['one', 'three']);
    expect(saved).toEqual([1, 3]);
  });

  it('confirms nothing before it is kept', async () => {
    writer.save(1, Buffer.from('one'));
    await turn();
    expect(saved).toEqual([]);
    await store.settle();
    expect(saved).toEqual([1]);
  });

  it('confirms nothing while it cannot write, and then the newest', async () => {
    writer.save(1, Buffer.from('one'));
    await store.settle(new Error('full'));
    writer.save(2, Buffer.from('two'));
    expect(saved).toEqual([]);
    await store.settle();
    expect(failures).toEqual(['full']);
    expect(saved).toEqual([2]);
    expect(store.written).toEqual(['two']);
  });

  it('waits for the write under way when it closes, and gives up one that fails', async () => {
    writer.save(1, Buffer.from('one'));
    let closed = false;
    const closing = writer.close().then(() => {
      closed = true;
    });
    await turn();
    expect(closed).toBe(false);
    await store.settle(new Error('full'));
    await closing;
    expect(saved).toEqual([]);
  });
});

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

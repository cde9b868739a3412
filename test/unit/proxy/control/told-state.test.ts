import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ControlState } from '../../../../src/api/control.ts';
import { asTold, ToldState } from '../../../../src/proxy/control/told-state.ts';
import type { ProxyConfig } from '../../../../src/api/proxy-config.ts';
import type { Logger } from '../../../../src/runtime/logger.ts';

const STATE: ControlState = {
  term: 3,
  generation: 9,
  roster: { number: 2, members: [], floor: {} },
  peers: [],
  tags: [
    { tag: 'one', group: '', placement: [] },
    { tag: 'gold', group: 'paying', placement: [] },
  ],
  handOver: [{ tag: 'one', to: 'b', cause: 'ByHand', reason: 'a test wants it' }],
  cordoned: false,
  cordonReason: '',
  routes: [{ from: 'public', to: 'phones', via: 'internal', shardGroup: 'paying' }],
  targets: [{ name: 'phones', addresses: [{ address: '127.0.0.2', port: 5060, transport: 'UDP' }] }],
  rehoming: { method: 'Update', legsPerSecond: 10, perPeer: { legsPerSecond: 5, maxInFlight: 2 } },
};

let file: Uint8Array | undefined;
let writes = 0;
let isFull = false;
let warnings: string[] = [];

const store = {
  read: () => Promise.resolve(file),
  write: (bytes: Uint8Array) => {
    if (isFull) return Promise.reject(new Error('no space'));
    writes += 1;
    file = bytes;
    return Promise.resolve();
  },
};
const log = {
  warn: (_message: string, { code }: { code: string }) => {
    warnings.push(code);
  },
} as unknown as Logger;

beforeEach(() => {
  file = undefined;
  writes = 0;
  isFull = false;
  warnings = [];
});

async function kept(...states: readonly ControlState[]): Promise<void> {
  const told = new ToldState(store, log);
  for (const state of states) told.save(state);
  await told.close();
}

describe('what a pod was told last', () => {
  it('is there for its next process, without the orders', async () => {
    await kept(STATE);
    expect(await new ToldState(store, log).read()).toEqual({ ...STATE, handOver: [] });
  });

  it('is the newest of several, and is not written again for a new generation alone', async () => {
    const newer = { ...STATE, tags: STATE.tags.slice(1) };
    await kept(STATE, { ...STATE, generation: 10 }, newer, { ...newer, generation: 12 });
    expect(writes).toBe(2);
    expect((await new ToldState(store, log).read())?.tags).toEqual(newer.tags);
  });

  it('is nothing at the first start, and nothing with a warning where the file is damaged', async () => {
    expect(await new ToldState(store, log).read()).toBeUndefined();
    expect(warnings).toEqual([]);
    for (const text of ['{', '{"tags":[]}']) {
      file = Buffer.from(text);
      expect(await new ToldState(store, log).read()).toBeUndefined();
    }
    expect(warnings).toEqual(['TOLD_STATE', 'TOLD_STATE']);
  });

  it('is written with the next state where there was no room', async () => {
    const told = new ToldState(store, log);
    isFull = true;
    told.save(STATE);
    await told.close();
    expect(warnings).toEqual(['TOLD_STATE']);
    isFull = false;
    told.save(STATE);
    await told.close();
    expect(writes).toBe(1);
  });

  it('takes the place of what the config says', () => {
    const listeners = [
      { name: 'public', advertise: { address: '10.0.0.1', port: 5060 }, told: true },
      { name: 'internal', advertise: { address: '10.0.0.1', port: 5070 } },
    ];
    const lists = { listeners, shards: [], routes: [], targets: [] };
    const config = { cluster: 'edge', shardGroups: {}, ...lists } as unknown;
    const outside = { address: '203.0.113.7', port: 30_060 };
    const addresses = { public: outside, internal: outside };
    expect(asTold(config as ProxyConfig, { ...STATE, addresses })).toEqual({
      cluster: 'edge',
      listeners: [{ ...listeners[0], advertise: outside }, listeners[1]],
      shards: ['one', 'gold'],
      shardGroups: { gold: 'paying' },
      routes: STATE.routes,
      targets: STATE.targets,
      rehoming: STATE.rehoming,
    });
    expect(asTold(config as ProxyConfig, undefined)).toBe(config);
  });
});

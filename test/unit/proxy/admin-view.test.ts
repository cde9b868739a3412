import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { DialogRecord } from '../../../src/dialog/record.ts';
import type { MeshReport, TagReport } from '../../../src/gossip/index.ts';
import { AdminView, type ViewedPod } from '../../../src/proxy/admin-view.ts';
import { CallTable } from '../../../src/proxy/calls/call-table.ts';
import { ProxyMetrics } from '../../../src/proxy/metrics.ts';
import type { Logger } from '../../../src/runtime/logger.ts';
import { sampleRecord } from '../dialog/sample-record.ts';

const EDGE_0 = { pod: 'edge-0', epoch: 3, boot: 'b0' };
const EDGE_1 = { pod: 'edge-1', epoch: 2, boot: 'b1' };
const TAG: TagReport = {
  tag: 'mine',
  owner: EDGE_0,
  role: 'owner',
  phase: 'active',
  inSync: false,
  standbys: ['edge-1'],
  standbysInSync: ['edge-1'],
  sequence: 5,
  acknowledged: 5,
  records: 3,
  digest: 0,
  ended: 0,
  refused: '',
};

const report: MeshReport = {
  pod: 'edge-0',
  voterId: 'v0',
  boot: 'b0',
  roster: { number: 2, conflict: false, members: 3, majority: 2, adoptedAtMs: 0 },
  voter: true,
  settled: true,
  majorityAlive: true,
  members: [{ pod: 'edge-1', role: 'proxy', alive: true, linked: true, rttMs: 1, voter: true }],
  tags: [
    TAG,
    { ...TAG, tag: 'theirs', owner: EDGE_1, role: 'standby', phase: 'none', inSync: true, records: 8 },
  ],
  granted: new Map(),
};

function record(id: string, change: Partial<DialogRecord>): DialogRecord {
  return { ...sampleRecord(), id, tag: 'mine', ...change };
}

describe('admin view', () => {
  const metrics = new ProxyMetrics();
  const log = { level: 'info' } as Logger;
  let view: AdminView;

  beforeEach(() => {
    const calls = new CallTable();
    const [caller, callee] = sampleRecord().legs;
    calls.add({
      record: record('one', { legs: [caller, { ...callee, home: { pod: 'edge-1', epoch: 2 } }] }),
    });
    calls.add({ record: record('two', { state: 'early' }) });
    calls.add({ record: record('three', { state: 'ended' }) });
    calls.add({ record: record('four', { tag: 'theirs' }) });
    const context = {
      pod: 'edge-0',
      calls,
      tokenKeys: { inUse: () => [] },
      mesh: { ownedTags: () => ['mine'], ownerOf: (tag: string) => (tag === 'mine' ? EDGE_0 : EDGE_1) },
      wallMs: () => 0,
      monotonicMs: () => 0,
      wheel: { size: 4 },
      transactions: { count: 3 },
      held: { size: 2 },
    } as unknown as ViewedPod['context'];
    view = new AdminView({
      config: { pod: 'edge-0', cluster: 'edge', role: 'proxy' },
      mesh: { report: () => report },
      context,
      rehoming: { waiting: 1 },
      metrics,
      log,
    });
  });

  afterEach(() => {
    view.close();
  });

  it('counts own dialogs and their legs, not those that it relays for their owner', () => {
    const status = view.status();
    expect(status).toMatchObject({
      ready: true,
      reason: '',
      dialogs: { early: 1, confirmed: 1 },
      legs: { home: 3, away: 1 },
      transactions: 3,
      timers: 4,
      heldMessages: 2,
      roster: { number: 2, majority: 2, conflict: false },
    });
    expect(
      status.tags.map(({ tag, owner, epoch, acting, copies }) => [tag, owner, epoch, acting, copies]),
    ).toEqual([
      ['mine', 'edge-0', 3, true, 0],
      ['theirs', 'edge-1', 2, false, 8],
    ]);
  });

  it('is not ready while it drains', () => {
    view.draining = true;
    expect(view.unreadyReason()).toContain('draining');
    expect(view.status()).toMatchObject({ ready: false, draining: true });
  });

  it('sets the gauges before they are read', async () => {
    const lines = (await view.metrics()).split('\n');
    for (const line of [
      'rehome_dialogs{state="confirmed",role="owner"} 1',
      'rehome_dialogs{state="early",role="owner"} 1',
      'rehome_dialogs{state="confirmed",role="relay"} 1',
      'rehome_dialogs{state="copy",role="standby"} 8',
      'rehome_transactions 3',
      'rehome_timers 4',
      'rehome_held_messages 2',
      'rehome_legs_waiting 1',
    ])
      expect(lines).toContain(line);
    expect(lines.some((line) => line.startsWith('rehome_event_loop_lag_seconds{quantile="0.99"}'))).toBe(
      true,
    );
  });

  it('changes the level of the log', () => {
    view.logLevel = 'debug';
    expect(log.level).toBe('debug');
  });
});

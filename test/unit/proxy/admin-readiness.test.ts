import { describe, expect, it } from '@jest/globals';
import type { MeshReport, TagReport } from '../../../src/gossip/index.ts';
import { unreadyReason } from '../../../src/proxy/admin-readiness.ts';

const OWNER = { epoch: 1, pod: 'edge-0', boot: 'b0' };

function tag(name: string, change: Partial<TagReport> = {}): TagReport {
  return {
    tag: name,
    owner: OWNER,
    role: 'none',
    phase: 'none',
    inSync: false,
    standbys: [],
    standbysInSync: [],
    sequence: 0,
    acknowledged: 0,
    records: 0,
    digest: 0,
    ended: 0,
    refused: '',
    ...change,
  };
}

function report(tags: TagReport[], change: Partial<MeshReport> = {}): MeshReport {
  return {
    pod: 'edge-0',
    voterId: 'v0',
    boot: 'b0',
    roster: { number: 4, conflict: false, members: 3, majority: 2, adoptedAtMs: 0 },
    voter: true,
    settled: true,
    majorityAlive: true,
    members: [
      { pod: 'edge-1', role: 'proxy', alive: true, linked: true, rttMs: 1, voter: true },
      { pod: 'edge-2', role: 'proxy', alive: false, linked: false, rttMs: 1, voter: true },
    ],
    tags,
    granted: new Map(),
    ...change,
  };
}

const owned = tag('t0', { role: 'owner', phase: 'active' });
const copied = tag('t1', { role: 'standby', inSync: true });
const duties = { role: 'proxy', draining: false } as const;

describe('readiness', () => {
  it('is there when all tags are settled, also for a pod without a part in any', () => {
    expect(unreadyReason(report([owned, copied, tag('t2')]), duties)).toBe('');
    expect(unreadyReason(report([tag('t2')]), duties)).toBe('');
    expect(unreadyReason(report([tag('t0', { role: 'owner', phase: 'paused' })]), duties)).toBe('');
  });

  it('is not there for a pod that knows no tag, a witness aside', () => {
    expect(unreadyReason(report([]), duties)).toMatch(/^knows no sharing tag/);
    expect(unreadyReason(report([]), { ...duties, role: 'witness' })).toBe('');
  });

  it('names the tags that are not settled', () => {
    const reason = (change: Partial<TagReport>): string =>
      unreadyReason(report([owned, copied, tag('t7', change)]), duties);
    expect(reason({ owner: undefined })).toBe('no owner is known of t7');
    expect(reason({ role: 'owner', phase: 'isolated' })).toBe('isolated: no lease for t7');
    expect(reason({ role: 'owner', phase: 'gathering' })).toBe('not in sync: fetches the copies of t7');
    expect(reason({ role: 'standby' })).toBe('not in sync: its copy of t7 is not complete');
  });

  it('needs a majority and the own id in the roster', () => {
    expect(unreadyReason(report([owned], { majorityAlive: false }), duties)).toBe(
      'isolated: hears only edge-1, and a majority is 2',
    );
    expect(unreadyReason(report([owned], { voter: false }), duties)).toBe(
      'not joined: its id is not in roster 4 yet',
    );
    const conflict = { number: 4, conflict: true, members: 3, majority: 2, adoptedAtMs: 0 };
    expect(unreadyReason(report([owned], { roster: conflict }), duties)).toContain('roster conflict');
  });

  it('ends with a drain, and asks a witness for nothing but its vote', () => {
    expect(unreadyReason(report([owned]), { ...duties, draining: true })).toMatch(/^draining/);
    const orphan = report([tag('t0', { owner: undefined })]);
    expect(unreadyReason(orphan, { role: 'witness', draining: false })).toBe('');
    expect(unreadyReason(report([], { voter: false }), { role: 'witness', draining: false })).not.toBe('');
  });
});

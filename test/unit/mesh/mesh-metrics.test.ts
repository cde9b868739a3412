import { beforeEach, describe, expect, it } from '@jest/globals';
import type { MeshReport, TakenOver } from '../../../src/gossip/index.ts';
import { MeshMetrics } from '../../../src/mesh/mesh-metrics.ts';
import { ProxyMetrics } from '../../../src/proxy/metrics.ts';

const takenOver: TakenOver = {
  kind: 'takenOver',
  tag: 't',
  epoch: 2,
  reason: 'dead',
  previous: { pod: 'b', epoch: 1, boot: 'x' },
  inSync: true,
  records: [],
  why: '',
};

describe('mesh metrics', () => {
  let nowMs: number;
  let metrics: ProxyMetrics;
  let mesh: MeshMetrics;

  beforeEach(() => {
    nowMs = 0;
    metrics = new ProxyMetrics();
    mesh = new MeshMetrics(metrics, () => nowMs);
  });

  const sum = async (stage: string): Promise<number | undefined> => {
    const { values } = await metrics.failoverSeconds.get();
    const isSum = (name: string | undefined): boolean => name === 'rehome_failover_seconds_sum';
    return values.find(({ metricName, labels }) => isSum(metricName) && labels.stage === stage)?.value;
  };

  it('times a failover from the last sign of life, and from the death', async () => {
    mesh.heard('b', 0);
    nowMs = 40;
    mesh.heard('b', 500);
    nowMs = 1040;
    mesh.effect({ kind: 'member', pod: 'b', alive: false, reason: '' });
    nowMs = 1100;
    mesh.effect(takenOver);
    expect(await sum('noticed')).toBeCloseTo(1);
    expect(await sum('taken_over')).toBeCloseTo(0.06);
    expect(await metrics.text()).toMatch(/^rehome_mesh_received_bytes_total 500$/m);
  });

  it('times nothing for a planned move, or for a pod that came back meanwhile', async () => {
    mesh.effect({ ...takenOver, reason: 'handover' });
    mesh.effect({ kind: 'member', pod: 'b', alive: false, reason: '' });
    mesh.effect({ kind: 'member', pod: 'b', alive: true, reason: '' });
    mesh.effect(takenOver);
    expect(await sum('taken_over')).toBeUndefined();
    expect(await sum('noticed')).toBeUndefined();
  });

  it('sets the gauges from a report', async () => {
    const tag = {
      owner: undefined,
      phase: 'none',
      inSync: false,
      standbysInSync: [],
      records: 0,
      digest: 0,
      ended: 0,
      refused: '',
    } as const;
    const member = { role: 'proxy', rttMs: 1, voter: true } as const;
    const report: MeshReport = {
      pod: 'a',
      boot: '',
      roster: { number: 1, conflict: false, members: 3, majority: 2, adoptedAtMs: 0 },
      voterId: 'v',
      voter: true,
      settled: true,
      majorityAlive: true,
      members: [
        { ...member, pod: 'b', alive: true, linked: true },
        { ...member, pod: 'c', alive: false, linked: false },
      ],
      tags: [
        {
          ...tag,
          standbysInSync: [],
          tag: 't0',
          role: 'owner',
          phase: 'active',
          standbys: ['b'],
          sequence: 9,
          acknowledged: 4,
        },
        {
          ...tag,
          standbysInSync: [],
          tag: 't1',
          role: 'owner',
          phase: 'isolated',
          standbys: [],
          sequence: 5,
          acknowledged: 0,
        },
        {
          ...tag,
          standbysInSync: [],
          tag: 't2',
          role: 'standby',
          standbys: ['a'],
          sequence: 3,
          acknowledged: 3,
        },
      ],
      granted: new Map(),
    };
    mesh.sample(report, 77);
    const text = await metrics.text();
    for (const line of [
      'rehome_mesh_members{state="alive"} 2',
      'rehome_mesh_members{state="dead"} 1',
      'rehome_mesh_links 1',
      'rehome_mesh_waiting_bytes 77',
      'rehome_tags{role="owner"} 2',
      'rehome_tags{role="standby"} 1',
      'rehome_tags{role="none"} 0',
      'rehome_tags_acting 1',
      'rehome_replication_lag 5',
    ])
      expect(text.split('\n')).toContain(line);
  });
});

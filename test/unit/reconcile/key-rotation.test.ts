import { describe, expect, it } from '@jest/globals';
import type { KeysReport } from '../../../src/api/control.ts';
import { plan } from '../../../src/reconcile/plan.ts';
import type { Plan, Step } from '../../../src/reconcile/plan-type.ts';
import { settled } from './settled.ts';
import type { SimulatedCluster } from './world.ts';

const HOUR_MS = 3_600_000;

interface Change {
  ring: string;
  from: string[];
  to: string[];
}

/** A plan when each pod says that of its keys; undefined for one that says nothing. */
function planned(cluster: SimulatedCluster, said: readonly (Partial<KeysReport> | undefined)[]): Plan {
  const observed = cluster.observed();
  const pods = observed.pods.map((pod, index) => {
    const keys = said[index];
    if (keys === undefined || pod.report === undefined) return pod;
    return {
      ...pod,
      report: { ...pod.report, keys: { mesh: ['k1'], tokens: ['k1'], tokensInUse: [], ...keys } },
    };
  });
  return plan({ ...observed, pods }, cluster.nowMs);
}

function changesIn(steps: readonly Step[]): Change[] {
  return steps.flatMap((step) =>
    step.type === 'rotateKeys' ? [{ ring: step.ring, from: step.from, to: step.to }] : [],
  );
}

/** A cluster at rest whose tokens have these keys, and whose mesh has a key that is never old. */
function clusterWith(ids: string[], ageMs: number, written: Record<string, unknown> = {}): SimulatedCluster {
  const cluster = settled({ shards: 3, keys: { rotateEvery: '1h' }, ...written });
  cluster.keys = {
    mesh: { ids: ['k1'], madeAtMs: cluster.nowMs },
    tokens: { ids, madeAtMs: cluster.nowMs - ageMs },
  };
  return cluster;
}

describe('the rotation of keys', () => {
  it('makes a new key, last in the ring, when the youngest is old', () => {
    const cluster = clusterWith(['k1'], HOUR_MS);
    expect(changesIn(planned(cluster, []).steps)).toEqual([
      { ring: 'tokens', from: ['k1'], to: ['k1', 'k2'] },
    ]);
  });

  it('waits for the age, and plans again then', () => {
    const cluster = clusterWith(['k1'], HOUR_MS - 5000);
    const { steps, againAtMs } = planned(cluster, []);
    expect(changesIn(steps)).toEqual([]);
    expect(againAtMs).toBeLessThanOrEqual(cluster.nowMs + 5000);
  });

  it('never begins where it is not asked for', () => {
    const cluster = clusterWith(['k1'], 1000 * HOUR_MS, { keys: {} });
    expect(changesIn(planned(cluster, []).steps)).toEqual([]);
  });

  it('uses the new key once every pod knows it, and says so', () => {
    const cluster = clusterWith(['k1', 'k2'], 60_000);
    const knows = { tokens: ['k1', 'k2'] };
    expect(changesIn(planned(cluster, [knows, knows]).steps)).toEqual([]);
    expect(changesIn(planned(cluster, [knows, knows, { tokens: ['k1'] }]).steps)).toEqual([]);
    const { steps } = planned(cluster, [knows, knows, knows]);
    expect(changesIn(steps)).toEqual([{ ring: 'tokens', from: ['k1', 'k2'], to: ['k2', 'k1'] }]);
    expect(steps).toContainEqual(expect.objectContaining({ type: 'event', eventReason: 'KeysRotated' }));
  });

  it('takes the old key away when every pod uses the new one and no call needs the old', () => {
    const cluster = clusterWith(['k2', 'k1'], 60_000);
    const uses = { tokens: ['k2', 'k1'] };
    const late = { tokens: ['k1', 'k2'] };
    const needs = { tokens: ['k2', 'k1'], tokensInUse: ['k1'] };
    expect(changesIn(planned(cluster, [uses, uses, late]).steps)).toEqual([]);
    expect(changesIn(planned(cluster, [uses, needs, uses]).steps)).toEqual([]);
    expect(changesIn(planned(cluster, [uses, uses, uses]).steps)).toEqual([
      { ring: 'tokens', from: ['k2', 'k1'], to: ['k2'] },
    ]);
  });

  it('goes on to a third key while a long call needs the first', () => {
    const cluster = clusterWith(['k2', 'k1'], HOUR_MS);
    const needs = { tokens: ['k2', 'k1'], tokensInUse: ['k1'] };
    expect(changesIn(planned(cluster, [needs, needs, needs]).steps)).toEqual([
      { ring: 'tokens', from: ['k2', 'k1'], to: ['k2', 'k1', 'k3'] },
    ]);
  });

  it('leaves keys of the user alone', () => {
    const cluster = clusterWith(['k1'], HOUR_MS, { keys: { rotateEvery: '1h', tokenSecret: 'own' } });
    expect(changesIn(planned(cluster, []).steps)).toEqual([]);
  });
});

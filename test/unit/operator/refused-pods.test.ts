import { describe, expect, it } from '@jest/globals';
import { KubeError } from '../../../src/kube/api.ts';
import { RefusedPods } from '../../../src/operator/refused-pods.ts';
import type { Step } from '../../../src/reconcile/plan-type.ts';

const CREATE: Step = {
  ...{ type: 'createPod', name: 'edge-0', reason: 'one is missing' },
  object: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'edge-0' } },
};
const MADE: Step = {
  ...{ type: 'event', about: { kind: 'SipCluster', name: 'edge', uid: 'u' }, eventType: 'Normal' },
  ...{ eventReason: 'PodCreated', note: 'edge-0', reason: 'edge-0', creationOf: 'edge-0' },
};
const SECRET: Step = { type: 'createSecret', name: 'edge-mesh', ring: 'mesh', reason: 'it is missing' };
const STEPS = [SECRET, CREATE, MADE];
const quota = new KubeError(403, 'Forbidden', 'exceeded quota: pods');

function refuse(refused: RefusedPods, nowMs: number): ReturnType<RefusedPods['learn']> {
  return refused.learn(STEPS, [{ step: CREATE, error: quota }], nowMs);
}

describe('pods that the API refuses', () => {
  it('are told with its words', () => {
    expect(refuse(new RefusedPods(), 0)).toEqual([{ name: 'edge-0', why: 'exceeded quota: pods' }]);
  });

  it('are tried again after pauses that grow to a minute, and keep no other step from anything', () => {
    const refused = new RefusedPods();
    const pauses = [0, 0, 0, 0, 0, 0, 0, 0].map(() => {
      const nowMs = refused.dueAtMs(0) === Infinity ? 0 : refused.dueAtMs(0);
      refuse(refused, nowMs);
      const dueAtMs = refused.dueAtMs(nowMs);
      expect(refused.without(STEPS, 0, dueAtMs - 1)).toEqual([SECRET]);
      expect(refused.without(STEPS, 0, dueAtMs)).toEqual(STEPS);
      return (dueAtMs - nowMs) / 1000;
    });
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  });

  it('are tried at once when the spec has changed', () => {
    const refused = new RefusedPods();
    refused.without(STEPS, 1, 0);
    refuse(refused, 0);
    expect(refused.without(STEPS, 1, 1)).toEqual([SECRET]);
    expect(refused.without(STEPS, 2, 1)).toEqual(STEPS);
  });

  it('are forgotten once one was taken', () => {
    const refused = new RefusedPods();
    refuse(refused, 0);
    refuse(refused, 1000);
    refused.learn(STEPS, [], 3000);
    refuse(refused, 4000);
    expect(refused.dueAtMs(4000)).toBe(5000);
  });

  it('are not those that failed for another reason', () => {
    const refused = new RefusedPods();
    const error = new KubeError(0, 'Unreachable', 'away');
    expect(refused.learn(STEPS, [{ step: CREATE, error }], 0)).toEqual([]);
    expect(refused.dueAtMs(0)).toBe(Infinity);
  });
});

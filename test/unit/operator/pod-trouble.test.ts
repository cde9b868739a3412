import { describe, expect, test } from '@jest/globals';
import type { ContainerStatus, Pod } from '../../../src/kube/objects.ts';
import { podTrouble } from '../../../src/operator/pod-trouble.ts';

function trouble(status: Pod['status']): string | undefined {
  const metadata = { name: 'edge-0' };
  return podTrouble({
    ...{ apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [] } },
    ...(status && { status }),
  });
}

function ofContainer(change: Partial<ContainerStatus>): string | undefined {
  const container = { name: 'proxy', image: 'rehome:2', ready: false, restartCount: 0, state: {} };
  return trouble({ phase: 'Pending', containerStatuses: [{ ...container, ...change }] });
}

const ended = { exitCode: 3, reason: 'Error', finishedAt: '2026-11-24T19:00:00Z' };

describe('why a pod does not run', () => {
  test('is not told of one that runs, or starts', () => {
    expect(trouble(undefined)).toBeUndefined();
    expect(trouble({ phase: 'Pending' })).toBeUndefined();
    expect(ofContainer({ state: { waiting: { reason: 'ContainerCreating' } } })).toBeUndefined();
    expect(ofContainer({ ready: true, lastState: { terminated: ended } })).toBeUndefined();
  });

  test('is what the scheduler says', () => {
    const conditions = [
      { type: 'PodScheduled', status: 'False', message: '0/3 nodes are available' },
    ] satisfies NonNullable<Pod['status']>['conditions'];
    expect(trouble({ phase: 'Pending', conditions })).toBe('it has no node: 0/3 nodes are available');
  });

  test('is the same from one try to the next', () => {
    const pulling = ['ErrImagePull', 'ImagePullBackOff'].map((reason) =>
      ofContainer({ state: { waiting: { reason, message: `words of ${reason}` } } }),
    );
    expect(pulling).toEqual(Array(2).fill('its image rehome:2 cannot be pulled'));
    const crashing = [
      { state: { terminated: ended } },
      { state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s' } } },
      { state: { running: { startedAt: ended.finishedAt } } },
    ].map((each) => ofContainer({ lastState: { terminated: ended }, ...each }));
    expect(crashing).toEqual(Array(3).fill('its container ended with exit code 3'));
  });

  test('is what the kubelet lacks, or does not accept', () => {
    const waiting = { reason: 'CreateContainerConfigError', message: 'secret "x" not found' };
    expect(ofContainer({ state: { waiting } })).toBe('CreateContainerConfigError: secret "x" not found');
    expect(trouble({ phase: 'Failed', reason: 'SysctlForbidden', message: 'm'.repeat(1000) })).toHaveLength(
      300,
    );
    expect(trouble({ phase: 'Failed' })).toBeUndefined();
  });
});

import { expect, test } from '@jest/globals';
import type { RosterMember } from '../../../src/api/sip-cluster-type.ts';
import type { PodView } from '../../../src/reconcile/pod-view.ts';
import { targetMembers } from '../../../src/reconcile/roster-target.ts';
import type { World } from '../../../src/reconcile/world.ts';

const member = (pod: string): RosterMember => ({ pod, role: 'proxy', mesh: `${pod}:7946` });

const podView = (name: string, settling?: boolean): PodView =>
  ({
    name,
    member: name,
    mesh: `${name}:7946`,
    joined: true,
    dead: false,
    reachable: true,
    report: { settling },
  }) as PodView;

/** The roster that three pods should have while there is one of these. */
function target(present: readonly string[], pods: readonly PodView[]): string[] {
  const world = { pods, tags: [], spec: { replicas: 3 } } as unknown as World;
  return targetMembers(world, new Map(), present.map(member)).map(({ pod }) => pod);
}

test('a new pod takes the place of a dead one once it may grant', () => {
  const others = [podView('a'), podView('b')];
  expect(target(['a', 'b', 'dead'], [...others, podView('c', true)])).toEqual(['a', 'b', 'dead']);
  expect(target(['a', 'b', 'dead'], [...others, podView('c')])).toEqual(['a', 'b', 'c']);
});

test('a voter whose process has started again keeps its place', () => {
  const pods = [podView('a', true), podView('b'), podView('c')];
  expect(target(['a', 'b', 'c'], pods)).toEqual(['a', 'b', 'c']);
});

import { memberId } from '../../api/member-id.ts';
import type { MeshKey } from '../../api/proxy-config-type.ts';
import type { Observed } from '../../reconcile/observed.ts';
import { meshOf } from '../../reconcile/pod-view.ts';
import type { WitnessState } from './witness.ts';

/** What the operator votes on; undefined unless the roster that is stored names it. */
export function witnessState(observed: Observed, keys: readonly MeshKey[]): WitnessState | undefined {
  const { cluster, operator, pods, shards } = observed;
  const roster = cluster.status?.roster;
  const spec = cluster.accepted?.spec ?? cluster.spec;
  if (roster === undefined || spec === undefined || keys.length === 0) return undefined;
  if (!roster.members.some(({ pod }) => pod === operator.member)) return undefined;
  const { number, members, floor } = roster;
  return {
    roster: { number, members, floor },
    peers: pods
      .filter(({ podIP }) => podIP !== '')
      .map((pod) => ({
        pod: memberId(pod.metadata.name, pod.metadata.uid ?? ''),
        role: 'proxy',
        mesh: meshOf(pod),
        node: pod.nodeName,
        zone: '',
      })),
    tags: shards.flatMap(({ spec: shard }) =>
      shard === undefined ? [] : [{ tag: shard.tag, group: shard.group, placement: [] }],
    ),
    keys,
    suspectAfterMs: spec.failover.suspectAfterMs,
    trustReset: spec.failover.trustReset,
  };
}

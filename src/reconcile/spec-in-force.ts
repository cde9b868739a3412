import type { SipClusterSpec } from '../api/sip-cluster-type.ts';
import type { ObservedCluster } from './observed.ts';

/** The spec that pods run on, and whether it is the newest. */
export interface SpecInForce {
  spec: SipClusterSpec;
  generation: number;
  /** To be remembered in status.accepted. */
  written: unknown;
}

/** The newest spec if it has no problems, else the last good one; undefined if there never was one. */
export function specInForce(cluster: ObservedCluster): SpecInForce | undefined {
  const { spec, problems, accepted, metadata } = cluster;
  if (spec !== undefined && problems.length === 0)
    return { spec, generation: metadata.generation ?? 0, written: cluster.written };
  if (accepted === undefined) return undefined;
  return { ...accepted, written: cluster.status?.accepted?.spec };
}

/** All problems of the newest spec in one line; '' if it is in force. */
export function rejection(cluster: ObservedCluster): string {
  const { spec, problems } = cluster;
  if (spec !== undefined && problems.length === 0) return '';
  if (problems.length === 0) return 'there is no spec';
  return problems.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
}

import type { MeshInstruments } from '../../mesh/instruments.ts';
import type { OperatorMetrics } from '../metrics.ts';

const nothing = { inc: (): void => undefined, set: (): void => undefined, observe: (): void => undefined };

/** A witness carries nothing: only what goes wrong is worth a metric, over all clusters. */
export function quietInstruments({ notes, drops }: OperatorMetrics): MeshInstruments {
  return {
    drops,
    meshMembers: nothing,
    meshLinks: nothing,
    meshBytes: nothing,
    meshReceivedBytes: nothing,
    meshWaitingBytes: nothing,
    meshNotes: notes,
    tags: nothing,
    tagsActing: nothing,
    replicationLag: nothing,
    failoverSeconds: nothing,
    onScrape: () => undefined,
  };
}

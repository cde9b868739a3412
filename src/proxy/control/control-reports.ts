import type { ControlReport } from '../../api/control.ts';
import type { PodStatus } from '../../api/pod-report.ts';
import type { MeshReport } from '../../gossip/index.ts';
import type { CallCensus } from '../call-census.ts';
import type { Handovers } from '../calls/handovers.ts';
import type { TakeoverHistory } from '../calls/takeover-history.ts';
import type { PodKeys } from '../pod-keys.ts';
import type { WantedState } from './wanted-state.ts';

/** The calls of a pod are counted once in this time for reports, in ms. */
const COUNT_EVERY_MS = 1_000;

/** The parts of a pod that its reports read. */
export interface ReportedPod {
  readonly mesh: { report(): MeshReport };
  readonly view: { status(maxAgeMs: number): PodStatus; readonly census: CallCensus };
  readonly history: Pick<TakeoverHistory, 'reports'>;
  readonly handovers: Pick<Handovers, 'refused'>;
  readonly wanted: WantedState;
  readonly keys: Pick<PodKeys, 'mesh' | 'tokens'>;
}

/** Writes the reports that an operator reads. */
export class ControlReports {
  readonly #pod: ReportedPod;

  constructor(pod: ReportedPod) {
    this.#pod = pod;
  }

  report(version: string): ControlReport {
    return this.#write(version, COUNT_EVERY_MS);
  }

  /** All of a report that is no mere count. */
  fingerprint(): string {
    // Counts are left out, so that old ones will do.
    const { status, takeovers, ...report } = this.#write('', Infinity);
    const { term, generation, voterId, settling, granted, refusedHandOvers, keys } = report;
    const tags = status.tags.map((tag) => ({ ...tag, copies: 0 }));
    const done = takeovers.map(({ tag, epoch, durationMs }) => [tag, epoch, durationMs !== undefined]);
    const counts = { dialogs: 0, legs: 0, transactions: 0, timers: 0, heldMessages: 0 };
    return JSON.stringify([
      { ...status, ...counts, tags },
      { term, generation, voterId, settling, granted, done, refusedHandOvers, keys },
    ]);
  }

  #write(version: string, countsMaxAgeMs: number): ControlReport {
    const { handovers, history, keys, mesh, view, wanted } = this.#pod;
    const { voterId, settled, granted } = mesh.report();
    const { byTag, relayed, ringing, tokensInUse } = view.census.take(countsMaxAgeMs);
    return {
      version,
      term: wanted.term,
      generation: wanted.generation,
      voterId,
      ...(!settled && { settling: true }),
      status: view.status(countsMaxAgeMs),
      granted: Object.fromEntries(granted),
      dialogs: byTag,
      ringing,
      relaying: relayed.early + relayed.confirmed,
      takeovers: history.reports(),
      refusedHandOvers: handovers.refused,
      keys: { mesh: keys.mesh.ids, tokens: keys.tokens.ids, tokensInUse },
    };
  }
}

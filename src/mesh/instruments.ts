interface Count<L extends string = never> {
  inc(value?: number): void;
  inc(labels: Partial<Record<L, string>>, value?: number): void;
}

interface Level<L extends string = never> {
  set(value: number): void;
  set(labels: Partial<Record<L, string>>, value: number): void;
}

/** What the mesh counts, sets and times; names and meanings are in the table of metrics. */
export interface MeshInstruments {
  readonly drops: Count<'reason'>;
  readonly meshMembers: Level<'state'>;
  readonly meshLinks: Level;
  readonly meshBytes: Count;
  readonly meshReceivedBytes: Count;
  readonly meshWaitingBytes: Level;
  readonly meshNotes: Count<'code'>;
  readonly tags: Level<'role'>;
  readonly tagsActing: Level;
  readonly replicationLag: Level;
  readonly failoverSeconds: { observe(labels: { stage: string }, seconds: number): void };
  /** Calls `sample` before the gauges are read. */
  onScrape(sample: () => void): void;
}

/** One message of a call, as a phone saw it. */
export interface LedgerEntry {
  /** Wall-clock time in ms. */
  atMs: number;
  way: 'sent' | 'received';
  method: string;
  /** 0 for a request. */
  status: number;
  cseq: number;
  /** host:port of its Contact; '' if it has none. */
  contact: string;
  /** Whether the same message had been sent or received before. */
  repeat: boolean;
  /** The message itself, where the phone keeps messages; '' otherwise. */
  text: string;
}

/** Everything that one phone saw of one call, in order. */
export class CallLedger {
  readonly entries: LedgerEntry[] = [];
  /** What should not have happened, in words. */
  readonly errors: string[] = [];

  note(entry: LedgerEntry): void {
    this.entries.push(entry);
  }

  error(text: string): void {
    this.errors.push(text);
  }

  /** Requests of this method, repeats not counted. */
  requests(way: LedgerEntry['way'], method: string): LedgerEntry[] {
    return this.entries.filter(
      (entry) => entry.way === way && entry.method === method && entry.status === 0 && !entry.repeat,
    );
  }

  /** Re-INVITEs received from `contact` (host:port; any, if not given). */
  reinvites(contact?: string): LedgerEntry[] {
    return this.requests('received', 'INVITE').filter(
      (entry, index) =>
        (index > 0 || this.#placedHere()) && (contact === undefined || entry.contact === contact),
    );
  }

  /** How many messages were sent or received more than once. */
  repeats(way: LedgerEntry['way']): number {
    return this.entries.filter((entry) => entry.way === way && entry.repeat).length;
  }

  /** How often a request that was sent, or received, came again after the first time; counted once for all of them. */
  repeatsOf(way: LedgerEntry['way']): (request: LedgerEntry) => number {
    const counts = new Map<string, number>();
    for (const entry of this.entries)
      if (entry.way === way && entry.repeat && entry.status === 0)
        counts.set(nameOf(entry), (counts.get(nameOf(entry)) ?? 0) + 1);
    return (request) => counts.get(nameOf(request)) ?? 0;
  }

  #placedHere(): boolean {
    return this.entries[0]?.way === 'sent';
  }
}

function nameOf({ method, cseq }: LedgerEntry): string {
  return `${method} ${cseq}`;
}

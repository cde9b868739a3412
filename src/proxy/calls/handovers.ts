import { isBusy } from '../../dialog/open-request.ts';
import type { TimerEntry } from '../../runtime/timing-wheel.ts';
import type { Call } from './call.ts';
import type { CallContext } from './context.ts';

/** How long an exchange under way may delay a handover, in ms. */
const BUSY_LIMIT_MS = 4_000;
/** When a handover that did not come about is tried again, in ms. */
const ASK_AGAIN_MS = 2_000;
const LOOK_EVERY_MS = 50;

/** A tag that this pod is to hand over while it owns it. */
export interface WantedMove {
  tag: string;
  /** The pod that is to have it; any one that holds everything if left out. */
  to?: string;
  /** What the move is called in metrics and log. */
  cause: string;
  reason: string;
}

/** A handover that did not begin, with the reason. */
export interface RefusedMove {
  tag: string;
  to: string;
  why: string;
}

/** What a planned move asks of the mesh. */
export interface HandOver {
  /** A pod that holds everything of the tag, and suits; undefined if none does. */
  successor(tag: string, suits: (pod: string) => boolean): string | undefined;
  /** Begins a planned move; returns why not, or undefined. */
  handOver(tag: string, pod: string): string | undefined;
}

interface Work extends WantedMove {
  sinceMs: number;
  /** When the mesh was asked last; -Infinity before that. */
  askedMs: number;
  /** The mesh has begun it. */
  begun: boolean;
}

/**
 * Hands tags over for as long as that is wanted: when a tag's calls are between exchanges, again every 2 s, until the
 * tag has another owner. What is wanted no more is not begun; what has begun is the mesh's to finish.
 */
export class Handovers {
  private readonly context: CallContext;
  private readonly mesh: HandOver;
  private readonly changed: () => void;
  private readonly work = new Map<string, Work>();
  private readonly refusals = new Map<string, RefusedMove>();
  private timer: TimerEntry | undefined;

  /** `changed` is called when a handover was refused, or is refused no more. */
  constructor(context: CallContext, mesh: HandOver, changed: () => void = () => undefined) {
    this.context = context;
    this.mesh = mesh;
    this.changed = changed;
  }

  /** Why handovers that are wanted did not begin. */
  get refused(): RefusedMove[] {
    return [...this.refusals.values()];
  }

  /** From now on these are wanted, and no others. */
  want(moves: readonly WantedMove[]): void {
    const nowMs = this.context.monotonicMs();
    const wanted = new Map(moves.map((move) => [move.tag, move]));
    for (const tag of this.work.keys()) if (!wanted.has(tag)) this.drop(tag);
    for (const [tag, move] of wanted) {
      const known = this.work.get(tag);
      if (known?.to === move.to && known) Object.assign(known, move);
      else this.work.set(tag, { ...move, sinceMs: nowMs, askedMs: -Infinity, begun: false });
    }
    this.look();
  }

  /** This pod lost a tag, or has it again after a handover. */
  settled(tag: string, taker: string | undefined): void {
    const work = this.work.get(tag);
    if (!work?.begun) return;
    work.begun = false;
    const { cause } = work;
    this.context.metrics.moves.inc({ cause, outcome: taker === undefined ? 'returned' : 'moved' });
    this.context.log.info(taker === undefined ? 'has the tag again' : 'handed over tag', {
      tag,
      to: taker ?? work.to,
      cause,
    });
  }

  private look(): void {
    if (this.timer) this.context.wheel.clear(this.timer);
    this.timer = undefined;
    if (this.work.size === 0) return;
    this.timer = this.context.wheel.set(LOOK_EVERY_MS, () => {
      this.look();
    });
    const owned = new Set(this.context.mesh.ownedTags());
    const due = [...this.work.values()].filter((work) => owned.has(work.tag) && this.isDue(work));
    const busy = due.length > 0 ? this.busyTags() : new Set<string>();
    for (const work of due) if (!busy.has(work.tag) || this.isLate(work)) this.begin(work);
  }

  private begin(work: Work): void {
    const { tag, cause, reason } = work;
    const to = work.to ?? this.mesh.successor(tag, (pod) => !this.context.leavers.isLeaving(pod));
    if (to === undefined) {
      this.refuse(work, '', 'no other pod that stays holds everything of the tag');
      return;
    }
    work.askedMs = this.context.monotonicMs();
    const why = this.mesh.handOver(tag, to);
    if (why !== undefined) {
      this.refuse(work, to, why);
      return;
    }
    work.begun = true;
    this.unrefuse(tag);
    this.context.log.info('hands over tag', { tag, to, cause, why: reason });
  }

  private refuse({ tag, cause }: Work, to: string, why: string): void {
    const known = this.refusals.get(tag);
    if (known?.why === why && known.to === to) return;
    this.refusals.set(tag, { tag, to, why });
    this.context.metrics.moves.inc({ cause, outcome: 'refused' });
    this.context.log.info('does not hand over tag yet', { tag, to, cause, why });
    this.changed();
  }

  private unrefuse(tag: string): void {
    if (this.refusals.delete(tag)) this.changed();
  }

  private drop(tag: string): void {
    this.work.delete(tag);
    this.unrefuse(tag);
  }

  private isDue({ askedMs }: Work): boolean {
    return this.context.monotonicMs() - askedMs >= ASK_AGAIN_MS;
  }

  private isLate({ sinceMs }: Work): boolean {
    return this.context.monotonicMs() - sinceMs > BUSY_LIMIT_MS;
  }

  /** Tags with a call that had better be left alone for the moment. */
  private busyTags(): Set<string> {
    const busy = new Set<string>();
    for (const call of this.context.calls.values()) if (isInExchange(call)) busy.add(call.record.tag);
    return busy;
  }
}

/** Whether an offer waits for its answer, a 2xx for its ACK, a BYE or a request of the pod's own for its response. */
function isInExchange({ record, setup, ending, job }: Call): boolean {
  if (setup) return false;
  return ending === true || isBusy(record) || (job?.legs.some(({ phase }) => phase === 'inFlight') ?? false);
}

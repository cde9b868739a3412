import type { Merged, RecordCopy as MeshCopy, TakenOver } from '../../gossip/index.ts';
import { takeOverRecord } from '../../dialog/epoch-cseq.ts';
import { isBusy } from '../../dialog/open-request.ts';
import type { DialogRecord } from '../../dialog/record.ts';
import { decodeRecord } from '../../dialog/snapshot.ts';
import type { Call } from './call.ts';
import type { CallContext } from './context.ts';
import { copiedCSeqs } from './copied-cseqs.ts';
import type { CallEngine } from './engine.ts';
import { Gathered } from './gathered.ts';
import { RELAY_AFTER_MS } from './pipes.ts';
import type { RecordCopy } from './pod-message.ts';
import type { Rehoming } from './rehoming.ts';
import type { Ringing } from './ringing.ts';
import { Takeover } from './takeover.ts';
import type { TakeoverHistory } from './takeover-history.ts';

/** How long this pod has owned a tag without another in between. */
interface Tenure {
  homeSince: number;
  inSync: boolean;
  takeover: Takeover;
  /** Of the claim by which it is this pod's. */
  reason: TakenOver['reason'];
  /** The pod that handed the tag over, and goes on with the calls in which an exchange is under way. */
  helper: string | undefined;
}

/** The parts that act on a change of owner. */
export interface OwnershipParts {
  rehoming: Rehoming;
  ringing: Ringing;
  engine: CallEngine;
  history: TakeoverHistory;
}

/** What a change of owner means for the calls of a tag. */
export class Ownership {
  private readonly context: CallContext;
  private readonly parts: OwnershipParts;
  private readonly tenures = new Map<string, Tenure>();
  /** Of tags that this pod was elected for, and does not act for yet. */
  private readonly gathered = new Map<string, Gathered>();
  /** Calls with which an old owner goes on for now. */
  private readonly awaiting = new Set<Call>();

  constructor(context: CallContext, parts: OwnershipParts) {
    this.context = context;
    this.parts = parts;
  }

  /** This pod owns the tag, has every copy, and acts. */
  takenOver(event: TakenOver): void {
    const { tag, epoch, reason, previous, why } = event;
    const from = previous?.pod ?? '';
    const takeover = new Takeover(this.context, { tag, epoch, reason, from, why });
    this.parts.history.add(takeover);
    const before = reason === 'renew' ? this.tenures.get(tag) : undefined;
    this.tenures.set(tag, {
      homeSince: before?.homeSince ?? epoch,
      inSync: event.inSync,
      takeover,
      reason,
      helper: reason === 'handover' ? from : undefined,
    });
    this.takeInAll(event);
    takeover.begun();
    this.parts.engine.releaseHeld(tag);
  }

  /** The calls of a tag that this pod owns now: those that it was a pipe for, those that it set up, and every copy. */
  private takeInAll({ tag, epoch, records }: TakenOver): void {
    const { calls, pipes } = this.context;
    const returned = new Set(pipes.take(tag));
    for (const call of returned) delete call.finishingUntilMs;
    for (const call of calls.values())
      if (call.record.tag === tag && !returned.has(call)) takeOverRecord(call.record, epoch, true);
    const copies = this.gathered.get(tag)?.merge(records) ?? records;
    this.gathered.delete(tag);
    for (const copy of copies) {
      const call = this.takeIn(tag, copy);
      if (call) returned.delete(call);
    }
    // What no other pod and no copy knows any more has ended elsewhere.
    for (const call of returned) calls.remove(call);
  }

  /** A handover has begun: the next owner is to know nothing of calls that are as good as over. */
  paused(tag: string): void {
    this.parts.ringing.withdraw(tag);
    for (const { record, ending } of this.context.calls.values())
      if (ending && record.tag === tag) this.context.mesh.end(tag, record.id);
  }

  /** Another pod acts for the tag now: this one finishes what is under way, and is a pipe for the rest. */
  lost(tag: string): void {
    const { keeper, pipes } = this.context;
    this.tenures.delete(tag);
    this.gathered.delete(tag);
    this.parts.ringing.withdraw(tag);
    const calls = [...this.context.calls.values()].filter(
      ({ record, setup }) => record.tag === tag && !setup,
    );
    const nowMs = this.context.monotonicMs();
    for (const call of calls) {
      this.parts.rehoming.stop(call, 'stop');
      // From now on requests reach another pod, too.
      delete call.skipped;
      if (call.awaits) this.forgetAwaited(call);
      else if (isBusy(call.record)) call.finishingUntilMs = nowMs + RELAY_AFTER_MS;
    }
    pipes.add(tag, calls, nowMs);
    keeper.releaseAll(tag);
    this.parts.engine.releaseHeld(tag);
  }

  /** Another owner of a tag is known: it gets what is held, and the promise of what this pod still finishes. */
  ownerChanged(tag: string): void {
    // What this pod loses by it is decided first: `lost` follows.
    if (this.tenures.has(tag)) return;
    this.parts.engine.releaseHeld(tag);
    if (this.context.mesh.ownerOf(tag)?.pod === this.context.pod) {
      this.gathered.set(tag, new Gathered());
      return;
    }
    this.gathered.delete(tag);
    for (const call of this.context.pipes.finishing(tag)) this.context.keeper.keep(call, true);
  }

  /** A pod died: nobody goes on with its calls but this one. */
  memberDied(pod: string): void {
    for (const call of [...this.awaiting]) if (call.awaits?.pod === pod) this.actFor(call);
  }

  /** Forgets calls for which this pod has been a pipe long enough, and waits for no pod for ever. */
  sweep(): void {
    const nowMs = this.context.monotonicMs();
    for (const call of this.context.pipes.takeExpired(nowMs)) this.context.calls.remove(call);
    for (const call of [...this.awaiting]) if ((call.awaits?.untilMs ?? 0) <= nowMs) this.actFor(call);
  }

  /** A copy that another pod held was newer, or says that the call is over. */
  merged({ tag, key, record, ended }: Merged): void {
    if (ended) this.ended(key);
    else if (record) this.takeIn(tag, record);
  }

  /** A record that came from another pod and is newer than what the mesh had. */
  take(copy: RecordCopy): void {
    const { tag, id: key, epoch, version, bytes } = copy;
    if (!this.tenures.has(tag)) this.gathered.get(tag)?.add(copy);
    else this.takeIn(tag, { key, epoch, version, bytes, doubtful: false });
  }

  /** A call of a tag of this pod's in which `from` finishes, or has finished, an exchange. */
  adopt(from: string, copy: RecordCopy): void {
    const tenure = this.tenures.get(copy.tag);
    if (!tenure) {
      // It comes back with all others, or the mesh gives it to the owner.
      this.context.mesh.merge(copy);
      return;
    }
    const known = this.context.calls.get(copy.id);
    // What this pod acts for has a newer term; the sender's is a late view of it.
    if (known && !known.awaits) return;
    const record = decodeRecord(copy.bytes);
    if (!record) return;
    const call = known ?? this.newCall(record);
    call.record = record;
    this.forgetAwaited(call);
    this.enter(call, { tenure, doubtful: false, helper: from, again: known !== undefined });
    this.context.keeper.keep(call, true);
  }

  /** Another pod has seen the end of a call and written its CDR. */
  endedElsewhere(tag: string, id: string): void {
    this.context.mesh.end(tag, id);
    this.gathered.get(tag)?.end(id);
    this.ended(id);
  }

  private ended(id: string): void {
    const call = this.context.calls.get(id);
    if (!call) return;
    this.forgetAwaited(call);
    this.parts.rehoming.stop(call, 'ended');
    this.context.calls.remove(call);
  }

  private takeIn(tag: string, copy: MeshCopy): Call | undefined {
    if (this.parts.ringing.isKey(copy.key)) {
      this.parts.ringing.takeIn(tag, copy, this.tenures.get(tag)?.reason === 'dead');
      return undefined;
    }
    const record = decodeRecord(copy.bytes);
    if (!record) {
      this.noteBroken(tag, copy.key);
      return undefined;
    }
    return record.state === 'confirmed' ? this.renew(record, copy.doubtful) : undefined;
  }

  /** What goes on in a call goes on by its newest record. */
  private renew(record: DialogRecord, doubtful: boolean): Call {
    const known = this.context.calls.get(record.id);
    if (known) this.parts.rehoming.stop(known, 'stop');
    const call = known ?? this.newCall(record);
    call.record = record;
    const tenure = this.tenures.get(record.tag);
    if (tenure) this.enter(call, { tenure, doubtful, helper: tenure.helper, again: false });
    return call;
  }

  private newCall(record: DialogRecord): Call {
    const call: Call = { record };
    this.context.calls.add(call);
    return call;
  }

  /** Makes a call one of this pod's; it is re-homed at once, or when no other pod goes on with it. */
  private enter(
    call: Call,
    how: { tenure: Tenure; doubtful: boolean; helper: string | undefined; again: boolean },
  ): void {
    const { record } = call;
    const { tenure, helper } = how;
    call.kept = copiedCSeqs(record);
    delete call.sent;
    takeOverRecord(record, this.epochOf(record), tenure.inSync);
    if (!how.again) tenure.takeover.add();
    if (helper !== undefined && isBusy(record) && this.context.mesh.isAlive(helper)) {
      call.awaits = { pod: helper, untilMs: this.context.monotonicMs() + RELAY_AFTER_MS };
      this.awaiting.add(call);
    } else this.rehome(call, how.doubtful);
  }

  /** Nobody else goes on with a call any more. */
  private actFor(call: Call): void {
    this.forgetAwaited(call);
    if (this.context.calls.get(call.record.id) === call) this.rehome(call, false);
    this.parts.engine.releaseHeld(call.record.tag);
  }

  private rehome(call: Call, doubtful: boolean): void {
    const { record } = call;
    const tenure = this.tenures.get(record.tag);
    if (!tenure) return;
    const { homeSince, inSync, takeover } = tenure;
    const owner = { pod: this.context.pod, epoch: this.epochOf(record), homeSince, inSync, doubtful };
    if (!this.parts.rehoming.begin(call, owner, takeover)) takeover.settled(call, 'rehomed');
  }

  private epochOf(record: DialogRecord): number {
    return this.context.mesh.ownerOf(record.tag)?.epoch ?? record.epoch;
  }

  private forgetAwaited(call: Call): void {
    delete call.awaits;
    this.awaiting.delete(call);
  }

  private noteBroken(tag: string, dialog: string): void {
    this.context.metrics.drops.inc({ reason: 'dialog_record' });
    this.context.log.error('a dialog record cannot be read', {
      code: 'DIALOG_RECORD_BROKEN',
      dialog,
      tag,
    });
  }
}

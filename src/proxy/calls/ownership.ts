import type { Merged, RecordCopy as MeshCopy, TakenOver } from '../../gossip/index.ts';
import type { DialogRecord } from '../../dialog/record.ts';
import { takeOverRecord } from '../../dialog/epoch-cseq.ts';
import { decodeRecord } from '../../dialog/snapshot.ts';
import type { Call } from './call.ts';
import type { CallContext } from './context.ts';
import type { CallEngine } from './engine.ts';
import { RELAY_AFTER_MS } from './drain.ts';
import { Pipes } from './pipes.ts';
import type { RecordCopy } from './pod-message.ts';
import type { Rehoming } from './rehoming.ts';
import { RINGING_KEY, type Ringing } from './ringing.ts';
import { Takeover } from './takeover.ts';

/** How long this pod has owned a tag without another in between. */
interface Tenure {
  homeSince: number;
  inSync: boolean;
  takeover: Takeover;
}

/** What a change of owner means for the calls of a tag. */
export class Ownership {
  private readonly context: CallContext;
  private readonly rehoming: Rehoming;
  private readonly ringing: Ringing;
  private readonly engine: CallEngine;
  private readonly pipes = new Pipes();
  private readonly tenures = new Map<string, Tenure>();

  constructor(context: CallContext, parts: { rehoming: Rehoming; ringing: Ringing; engine: CallEngine }) {
    this.context = context;
    this.rehoming = parts.rehoming;
    this.ringing = parts.ringing;
    this.engine = parts.engine;
  }

  /** This pod owns the tag, has every copy, and acts. */
  takenOver(event: TakenOver): void {
    const { tag, epoch, reason, previous } = event;
    const from = previous?.pod ?? '';
    const takeover = new Takeover(this.context, { tag, epoch, reason, from, why: event.why });
    const before = reason === 'renew' ? this.tenures.get(tag) : undefined;
    this.tenures.set(tag, { homeSince: before?.homeSince ?? epoch, inSync: event.inSync, takeover });
    for (const call of this.pipes.take(tag)) this.context.calls.remove(call);
    for (const { record } of this.context.calls.values())
      if (record.tag === tag) takeOverRecord(record, epoch, true);
    for (const copy of event.records) this.takeIn(tag, copy);
    takeover.begun();
    this.engine.releaseHeld(tag);
  }

  /** Another pod acts for the tag now: this one goes on with what it is setting up, and is a pipe for the rest. */
  lost(tag: string): void {
    this.context.keeper.releaseAll(tag);
    this.tenures.delete(tag);
    const calls = [...this.context.calls.values()].filter(
      ({ record, setup }) => record.tag === tag && !setup,
    );
    for (const call of calls) this.rehoming.stop(call, 'stop');
    this.pipes.add(tag, calls, this.context.monotonicMs() + RELAY_AFTER_MS);
    this.engine.releaseHeld(tag);
  }

  /** Forgets calls for which this pod has been a pipe long enough. */
  sweep(): void {
    for (const call of this.pipes.takeExpired(this.context.monotonicMs())) this.context.calls.remove(call);
  }

  /** A copy that another pod held was newer, or says that the call is over. */
  merged({ tag, key, record, ended }: Merged): void {
    const known = this.context.calls.get(key);
    if (known && (ended || record)) {
      this.rehoming.stop(known, 'ended');
      this.context.calls.remove(known);
    }
    if (!ended && record) this.takeIn(tag, record);
  }

  /** A record that came with a forwarded message and is newer than the one here. */
  take({ tag, id: key, epoch, version, bytes }: RecordCopy): void {
    this.takeIn(tag, { key, epoch, version, bytes, doubtful: false });
  }

  /** A call that another pod set up for a tag of this one: from now on it is this pod's, and is re-homed. */
  adopt(copy: RecordCopy): void {
    const { tag, id } = copy;
    const record = decodeRecord(copy.bytes);
    if (!record || !this.tenures.has(tag)) return;
    // What is here already has a newer term; the sender's is a late view of it.
    if (this.context.calls.get(id)) return;
    const call = this.enter(record, false);
    this.context.keeper.keep(call, true);
  }

  private takeIn(tag: string, copy: MeshCopy): void {
    if (copy.key === RINGING_KEY) {
      this.ringing.lost(tag, copy.bytes);
      return;
    }
    const record = decodeRecord(copy.bytes);
    if (!record) {
      this.context.metrics.drops.inc({ reason: 'dialog_record' });
      this.context.log.error('a dialog record cannot be read', {
        code: 'DIALOG_RECORD_BROKEN',
        dialog: copy.key,
        tag,
      });
      return;
    }
    const known = this.context.calls.get(copy.key);
    if (known) {
      this.rehoming.stop(known, 'stop');
      this.context.calls.remove(known);
    }
    if (record.state === 'confirmed') this.enter(record, copy.doubtful);
  }

  private enter(record: DialogRecord, doubtful: boolean): Call {
    const { calls, mesh, pod } = this.context;
    const cseqs: [number, number] = [record.legs[0].localCSeq, record.legs[1].localCSeq];
    const call: Call = { record, kept: { cseqs, epoch: record.epoch } };
    calls.add(call);
    const tenure = this.tenures.get(record.tag);
    const epoch = mesh.ownerOf(record.tag)?.epoch ?? record.epoch;
    if (tenure) {
      const { homeSince, inSync, takeover } = tenure;
      takeOverRecord(record, epoch, inSync);
      takeover.add();
      if (!this.rehoming.begin(call, { pod, epoch, homeSince, inSync, doubtful }, takeover))
        takeover.settled('rehomed');
    }
    return call;
  }
}

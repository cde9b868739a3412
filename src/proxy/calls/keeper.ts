import { mayUseCSeq } from '../../dialog/epoch-cseq.ts';
import { isBusy } from '../../dialog/open-request.ts';
import type { LegIndex } from '../../dialog/record.ts';
import { encodeRecord } from '../../dialog/snapshot.ts';
import type { Call } from './call.ts';
import type { CallContext } from './context.ts';
import { copiedCSeqs } from './copied-cseqs.ts';
import { Gate } from './gate.ts';
import type { EndCause, Keeping } from './keeping.ts';
import { RELAY_AFTER_MS } from './pipes.ts';
import { encodePodMessage, type RecordCopy } from './pod-message.ts';

interface Waiting {
  call: Call;
  gate: Gate;
}

/** Keeps the standbys up to date, and messages back until they are. */
export class Keeper implements Keeping {
  private readonly context: Omit<CallContext, 'keeper' | 'targets'>;
  /** What waits for an acknowledgement, per tag in the order of the sequences. */
  private readonly waiting = new Map<string, Waiting[]>();
  /** The sequence up to which a standby holds everything, per tag. */
  private readonly acknowledgedUpTo = new Map<string, number>();

  constructor(context: Omit<CallContext, 'keeper' | 'targets'>) {
    this.context = context;
  }

  keep(call: Call, prompt: boolean): number | undefined {
    const { record } = call;
    const { mesh, pod } = this.context;
    const owner = mesh.ownerOf(record.tag);
    if (owner?.pod !== pod) {
      if (owner && record.state === 'confirmed') this.giveAway(call, owner.pod);
      return undefined;
    }
    record.epoch = owner.epoch;
    const sequence = mesh.put(record.tag, record.id, record.version, prompt);
    if (sequence !== undefined) call.sent ??= { sequence, cseqs: copiedCSeqs(record) };
    return sequence;
  }

  protect(call: Call, deliver: () => void): void {
    const sequence = this.keep(call, true);
    const { replication } = this.context.config;
    if (replication.durability === 'async') {
      deliver();
    } else if (sequence === undefined || this.context.mesh.inSyncStandbys(call.record.tag) === 0) {
      this.context.metrics.unprotectedAnswers.inc({ reason: 'no_standby' });
      deliver();
    } else {
      this.wait(call, sequence, deliver);
    }
  }

  acknowledged(tag: string, sequence: number): void {
    this.acknowledgedUpTo.set(tag, sequence);
    const waiting = this.waiting.get(tag);
    while (waiting?.[0] && waiting[0].gate.sequence <= sequence) {
      waiting[0].gate.release();
    }
  }

  releaseAll(tag: string): void {
    for (const { gate } of [...(this.waiting.get(tag) ?? [])]) gate.release();
  }

  mayUseNextCSeq(call: Call, leg: LegIndex): boolean {
    const { record, sent } = call;
    if (sent && sent.sequence <= (this.acknowledgedUpTo.get(record.tag) ?? 0)) {
      call.kept = sent.cseqs;
      delete call.sent;
    }
    if (!call.kept || this.context.mesh.inSyncStandbys(record.tag) === 0) return true;
    return mayUseCSeq(record.legs[leg].localCSeq + 1, record.epoch, call.kept[leg]);
  }

  end(call: Call, cause: EndCause): void {
    const { record } = call;
    const { calls, metrics, log } = this.context;
    if (!calls.remove(call)) return;
    record.state = 'ended';
    delete call.job;
    if (record.answeredMs === 0) return;
    this.tellEnd(call);
    metrics.callsEnded.inc({ cause });
    if (!log.isInfoEnabled()) return;
    const durationMs = Math.max(0, Math.round(this.context.wallMs() - record.answeredMs));
    log.info('call ended', {
      cdr: record.id,
      callId: record.legs[0].callId,
      tag: record.tag,
      epoch: record.epoch,
      cause,
      durationMs,
    });
  }

  /** An end that is not the tag owner's own to say is told to the owner. */
  private tellEnd({ record: { tag, id } }: Call): void {
    const { mesh, pod } = this.context;
    mesh.end(tag, id);
    const owner = mesh.ownerOf(tag)?.pod;
    if (owner !== undefined && owner !== pod) mesh.send(owner, encodePodMessage({ kind: 'ended', tag, id }));
  }

  private wait(call: Call, sequence: number, deliver: () => void): void {
    const { wheel, config, metrics } = this.context;
    const { tag } = call.record;
    const waiting = this.waiting.get(tag) ?? [];
    const gate: Gate = new Gate(
      {
        wheel,
        protectTimeoutMs: config.replication.protectTimeoutMs,
        unprotected: () => {
          metrics.unprotectedAnswers.inc({ reason: 'timeout' });
        },
      },
      sequence,
      () => {
        // A message whose next hop had to be looked up may have brought a later gate meanwhile.
        if (call.gate === gate) delete call.gate;
        const at = waiting.findIndex((entry) => entry.gate === gate);
        if (at >= 0) waiting.splice(at, 1);
      },
    );
    gate.push(deliver);
    call.gate = gate;
    waiting.push({ call, gate });
    this.waiting.set(tag, waiting);
  }

  /**
   * An answered call of a tag that another pod owns by now: it goes there, to be re-homed once no exchange is under way
   * in it; until then it goes on here.
   */
  private giveAway(call: Call, owner: string): void {
    const { mesh, pipes, monotonicMs } = this.context;
    const nowMs = monotonicMs();
    if (!isBusy(call.record)) delete call.finishingUntilMs;
    else call.finishingUntilMs ??= nowMs + RELAY_AFTER_MS;
    const record = copyOf(call);
    // Should the owner die with it, this pod has the copy that the next one fetches.
    mesh.merge(record);
    mesh.send(owner, encodePodMessage({ kind: 'adopt', record }));
    pipes.add(record.tag, [call], nowMs);
  }
}

/** A call's record as it travels. */
export function copyOf(call: Call): RecordCopy {
  const { tag, id, epoch, version } = call.record;
  return { tag, id, epoch, version, bytes: encodeRecord(call.record) };
}

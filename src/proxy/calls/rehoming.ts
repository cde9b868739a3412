import type { ProxyConfig } from '../../api/proxy-config.ts';
import type { DialogRecord, LegIndex } from '../../dialog/record.ts';
import {
  createJob,
  legsAway,
  next,
  Pacing,
  type PacingPolicy,
  refusesPeer,
  type NewOwner,
  type RehomeEffect,
  type RehomeEvent,
  type RehomeJob,
  type RehomePolicy,
} from '../../rehome/index.ts';
import { H, parseMessage, SipMessage, type HeaderLine } from '../../sip/index.ts';
import type { TimerEntry } from '../../runtime/timing-wheel.ts';
import type { Flow } from '../flow.ts';
import type { Call } from './call.ts';
import type { CallContext } from './context.ts';
import type { RehomeWatch } from './in-dialog.ts';
import { sendBye } from './pod-bye.ts';
import { ReachedPeers } from './reached-peers.ts';
import type { Takeover } from './takeover.ts';

/** Effects that go to the network or to the pacing. */
type SentEffect = 'request' | 'ack' | 'reply' | 'queue' | 'release';

/** How soon a job that the lease, or a BYE under way, holds up is looked at again, in ms. */
const LEASE_RETRY_MS = 100;
/** How long the BYE of an endpoint that knows its call no more is waited for, in ms. */
const BYE_ON_ITS_WAY_MS = 500;

/** Performs the re-homing of all dialogs of this pod: paces it, sends what jobs want sent, and tells them what came. */
export class Rehoming implements RehomeWatch {
  private readonly context: CallContext;
  private policy: RehomePolicy;
  private paceNow: PacingPolicy;
  private readonly pacing: Pacing;
  /** Calls whose job waits for a time, by that time's timer. */
  private readonly wakes = new Map<Call, TimerEntry>();
  private readonly takeovers = new Map<Call, Takeover>();
  private readonly peers = new ReachedPeers();
  private paceTimer: TimerEntry | undefined;
  private paceAtMs = 0;

  constructor(context: CallContext) {
    this.context = context;
    const { rehoming, sip } = context.config;
    this.policy = { method: rehoming.method, t1Ms: sip.t1Ms, t2Ms: sip.t2Ms };
    this.paceNow = rehoming;
    this.pacing = new Pacing(rehoming, context.wallMs());
  }

  /** Goes on by another method and pace; what is being asked already ends as it began. */
  adjust(rehoming: ProxyConfig['rehoming']): void {
    this.policy = { ...this.policy, method: rehoming.method };
    this.paceNow = rehoming;
    this.pacing.adjust(rehoming, this.context.wallMs());
    this.goOn();
  }

  /** How fast endpoints may be asked. */
  get pace(): PacingPolicy {
    return this.paceNow;
  }

  /** Legs that wait for their turn. */
  get waiting(): number {
    return this.pacing.waiting;
  }

  /** Begins to re-home a dialog that this pod acts for now; false if nothing has to be done. */
  begin(call: Call, owner: Omit<NewOwner, 'hops'>, takeover: Takeover): boolean {
    const { record } = call;
    const hops = this.hopsOf(record);
    if (!hops) return false;
    const newOwner = { ...owner, hops };
    const idle = legsAway(record, newOwner).length === 0 && record.open.every((open) => open.acked);
    if (idle) return false;
    call.job = createJob(record, newOwner, this.policy, this.context.wallMs());
    this.takeovers.set(call, takeover);
    this.tell(call, { type: 'begin' });
    return true;
  }

  /** The dialog ended by other means, or is another pod's now. */
  stop(call: Call, why: 'ended' | 'stop'): void {
    this.tell(call, { type: why });
    this.takeovers.get(call)?.settled(call, 'stopped');
    this.forget(call);
  }

  ended(call: Call): void {
    this.stop(call, 'ended');
  }

  refusal(call: Call, from: LegIndex, request: SipMessage): number | undefined {
    return call.job && refusesPeer(call.job, from, request.method);
  }

  reached(call: Call, from: LegIndex, request: SipMessage): void {
    if (!call.job || !this.namesThisPod(request)) return;
    this.tell(call, request.method === 'ACK' ? { type: 'acked', leg: from } : { type: 'proved', leg: from });
  }

  answered(call: Call, leg: LegIndex): void {
    if (call.job) this.tell(call, { type: 'proved', leg });
  }

  private hopsOf(record: DialogRecord): NewOwner['hops'] | undefined {
    const [caller, callee] = record.legs.map((leg) =>
      this.context.listeners.hop(leg.listener, leg.transport),
    );
    return caller && callee ? [caller, callee] : undefined;
  }

  /** Whether a Request-URI has this pod's own address: then its sender knows where the call lives. */
  private namesThisPod(request: SipMessage): boolean {
    return this.context.listeners.isOwnUri(request.requestUri);
  }

  /** A job that is done still acknowledges repeats of a 2xx. */
  private tell(call: Call, event: RehomeEvent, job: RehomeJob | undefined = call.job): void {
    if (!job) return;
    const nowMs = this.context.wallMs();
    for (const effect of next(job, event, nowMs, () => this.context.random.next()))
      this.perform(call, job, effect);
    this.wakeLater(call, job);
    this.goOn();
  }

  private perform(call: Call, job: RehomeJob, effect: RehomeEffect): void {
    switch (effect.type) {
      case 'request':
        this.sendRequest(call, job, effect);
        return;
      case 'ack':
        this.withFlow(call, effect.leg, (flow) => {
          this.context.send(flow, effect.text);
        });
        return;
      case 'reply':
        this.context.send({ ...this.listenerOf(call, effect.leg), ...effect.peer }, effect.text);
        return;
      case 'queue':
        this.pacing.queue({ id: call.record.id, ...effect });
        return;
      case 'release':
        this.pacing.release(effect.peer);
        return;
      default:
        this.account(call, job, effect);
    }
  }

  private account(call: Call, job: RehomeJob, effect: Exclude<RehomeEffect, { type: SentEffect }>): void {
    switch (effect.type) {
      case 'changed':
        this.context.keeper.keep(call, false);
        return;
      case 'home':
      case 'kept':
        this.takeovers.get(call)?.leg(call, effect);
        return;
      case 'ended':
        this.end(call, effect);
        return;
      case 'done':
        this.finish(call, job);
    }
  }

  private end(call: Call, effect: RehomeEffect & { type: 'ended' }): void {
    // An endpoint that has just hung up knows the call no more: nothing was lost.
    if (call.ending) this.takeovers.get(call)?.settled(call, 'stopped');
    else this.takeovers.get(call)?.ended(call, effect);
    this.context.keeper.end(call, call.ending ? 'bye' : 'lost');
    this.forget(call);
  }

  private finish(call: Call, job: RehomeJob): void {
    if (call.job === job) delete call.job;
    this.takeovers.get(call)?.settled(call, 'rehomed');
    this.forget(call);
  }

  private forget(call: Call): void {
    const wake = this.wakes.get(call);
    if (wake) this.context.wheel.clear(wake);
    this.wakes.delete(call);
    this.takeovers.delete(call);
    delete call.job;
  }

  private sendRequest(call: Call, job: RehomeJob, effect: RehomeEffect & { type: 'request' }): void {
    const { leg, method, text, branch, cseq } = effect;
    this.withFlow(call, leg, (flow) => {
      if (method === 'INVITE' || method === 'UPDATE') this.takeovers.get(call)?.asked();
      this.context.transactions.openClient(
        { text, method, branch, flow, mayAct: () => this.context.mesh.mayAct(call.record.tag) },
        {
          response: (message) => {
            this.peers.note(flow, this.context.monotonicMs());
            const credentials = this.context.credentials.answer(message, text, flow);
            if (method === 'BYE') this.repeatBye(call, leg, text, credentials);
            const othersReached = this.reachesOthers(flow);
            this.judge(call, job, { type: 'response', leg, message, othersReached, credentials });
          },
          failed: () => {
            // Silence towards a pod without the lease says nothing of the endpoint.
            const othersReached = this.context.mesh.mayAct(call.record.tag) && this.reachesOthers(flow);
            this.tell(call, { type: 'silence', leg, cseq, othersReached }, job);
          },
        },
      );
    });
  }

  /** A BYE that was challenged; the job that sent it is over. */
  private repeatBye(call: Call, leg: LegIndex, text: string, credentials: HeaderLine | undefined): void {
    if (credentials === undefined) return;
    const bye = parseMessage(text);
    const reasons = bye instanceof SipMessage ? bye.all(H.Reason) : [];
    sendBye(this.context, call.record, leg, { reasons, credentials: [credentials] });
  }

  /** A 481 may only mean that a BYE is on its way here, through the old owner perhaps: that is waited for. */
  private judge(call: Call, job: RehomeJob, event: RehomeEvent & { type: 'response' }): void {
    if (event.message.status !== 481) {
      this.tell(call, event, job);
      return;
    }
    this.context.wheel.set(BYE_ON_ITS_WAY_MS, () => {
      if (call.ending) this.judge(call, job, event);
      else this.tell(call, event, job);
    });
  }

  private withFlow(call: Call, leg: LegIndex, use: (flow: Flow) => void): void {
    this.context.nextHops.ofLeg(call.record.legs[leg], use);
  }

  private listenerOf(call: Call, leg: LegIndex): Pick<Flow, 'listener' | 'transport'> {
    const { listener, transport } = call.record.legs[leg];
    return { listener, transport };
  }

  private wakeLater(call: Call, job: RehomeJob): void {
    // An event of an earlier job, such as a repeated 2xx, says nothing of when the present one wakes.
    if (call.job !== job) return;
    const wake = this.wakes.get(call);
    if (wake) this.context.wheel.clear(wake);
    this.wakes.delete(call);
    if (!Number.isFinite(job.wakeAtMs)) return;
    const delayMs = Math.max(0, job.wakeAtMs - this.context.wallMs());
    this.wakes.set(
      call,
      this.context.wheel.set(delayMs, () => {
        this.wakes.delete(call);
        this.wake(call);
      }),
    );
  }

  /** Timers act only under the lease (OWNERSHIP section 4). */
  private wake(call: Call): void {
    if (this.context.mesh.mayAct(call.record.tag)) {
      this.tell(call, { type: 'time' });
      return;
    }
    if (!call.job) return;
    this.wakes.set(
      call,
      this.context.wheel.set(LEASE_RETRY_MS, () => {
        this.wakes.delete(call);
        this.wake(call);
      }),
    );
  }

  /** Comes back when the next leg's turn is. */
  private goOn(): void {
    const nowMs = this.context.wallMs();
    const atMs = this.pacing.nextTakeMs(nowMs);
    if (!Number.isFinite(atMs) || (this.paceTimer && this.paceAtMs <= atMs)) return;
    if (this.paceTimer) this.context.wheel.clear(this.paceTimer);
    this.paceAtMs = atMs;
    this.paceTimer = this.context.wheel.set(Math.max(0, atMs - nowMs), () => {
      this.paceTimer = undefined;
      this.letGo();
      this.goOn();
    });
  }

  /** Lets those legs go whose turn it is. */
  private letGo(): void {
    const { calls, mesh } = this.context;
    for (const paced of this.pacing.take(this.context.wallMs())) {
      const call = calls.get(paced.id);
      if (call?.job && !call.ending && mesh.mayAct(call.record.tag))
        this.tell(call, { type: 'go', leg: paced.leg });
      else this.requeue(call, paced);
    }
  }

  private requeue(call: Call | undefined, paced: Parameters<Pacing['queue']>[0]): void {
    this.pacing.release(paced.peer);
    if (call?.job) this.pacing.queue({ ...paced, notBeforeMs: this.context.wallMs() + LEASE_RETRY_MS });
  }

  private reachesOthers(flow: Flow): boolean {
    return this.peers.reachesOthers(flow, this.context.monotonicMs());
  }
}

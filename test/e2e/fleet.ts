import { at } from '../../src/local/free-network.ts';
import { hostPort } from '../../src/local/phone-address.ts';
import type { PhoneCall } from '../../src/local/phone-call.ts';
import { Phone, type PhoneOptions, type PlaceOptions } from '../../src/local/phone.ts';
import { StaticCluster } from '../../src/local/static-cluster.ts';
import type { ConfigDocument, PodPlace } from '../../src/local/static-config.ts';
import type { StaticPod } from '../../src/local/static-pod.ts';
import { pause, until } from '../../src/local/until.ts';
import { testNetwork } from './network.ts';
import { QUICK_TIMERS } from './one-pod.ts';
import { LeakCheck } from './leak-check.ts';
import { ackFaults, knownLeg, reinviteFaults, type KnownLeg } from './rehome-checklist.ts';

/** A call as both its ends know it. */
export interface HeldCall {
  caller: PhoneCall;
  callee: PhoneCall;
  /** The pod that it was set up through. */
  pod: StaticPod;
}

/** One end of a call. */
export type End = 'caller' | 'callee';

/** Both ends. */
export const ENDS: readonly End[] = ['caller', 'callee'];

const SIP_PORT = 5060;
const QUICK_PHONE = { t1Ms: 100, t2Ms: 400 };
const ANSWERED_WITHIN_MS = 10_000;
/** A silent phone takes 64*T1 + 5 s, and then may ask for 10 s more (RFC 3261 §14.2: 500 with Retry-After 0 to 10). */
const REHOMED_WITHIN_MS = 45_000;
const PROTECTED_AFTER_MS = 300;

/** What a fleet is started with. */
export interface FleetOptions {
  /** N in 127.0.N.0/24; a free one by default. */
  network?: number;
  /** Three by default. */
  pods?: number;
  /** host:port of the target's addresses; the callees' own by default. */
  targets?: string[];
  configure?: (config: ConfigDocument, place: PodPlace) => void;
  caller?: Partial<PhoneOptions>;
  callee?: Partial<PhoneOptions>;
}

/** Three pods between two groups of phones that keep every message. */
export class Fleet {
  readonly cluster: StaticCluster;
  readonly callers: Phone;
  readonly callees: Phone;
  readonly leaks: LeakCheck;
  #placed = 0;

  private constructor(cluster: StaticCluster, phones: { callers: Phone; callees: Phone }, leaks: LeakCheck) {
    this.cluster = cluster;
    this.callers = phones.callers;
    this.callees = phones.callees;
    this.leaks = leaks;
  }

  /** Starts all of it on addresses of one network. */
  static async start(options: FleetOptions = {}): Promise<Fleet> {
    const network = options.network ?? (await testNetwork());
    const shared = { timing: QUICK_PHONE, keepMessages: true };
    const callers = await Phone.open({ ...shared, ...at(network, 1, SIP_PORT), ...options.caller });
    const callees = await Phone.open({ ...shared, ...at(network, 2, SIP_PORT), ...options.callee });
    try {
      const cluster = await StaticCluster.start({
        callees: options.targets ?? [hostPort(callees.local)],
        network,
        pods: options.pods ?? 3,
        configure: (config, place) => {
          config['sip'] = QUICK_TIMERS;
          options.configure?.(config, place);
        },
      });
      return new Fleet(cluster, { callers, callees }, await LeakCheck.begin(cluster.pods));
    } catch (error) {
      await callers.close();
      await callees.close();
      throw error;
    }
  }

  get pods(): readonly StaticPod[] {
    return this.cluster.pods;
  }

  /** The pod at a place in the list. */
  pod(index: number): StaticPod {
    const pod = this.pods[index];
    if (pod === undefined) throw new Error(`no pod ${String(index)}`);
    return pod;
  }

  /** Sets up calls through a pod and waits until their copies had time to spread. */
  async hold(count: number, pod: StaticPod, options: PlaceOptions = {}): Promise<HeldCall[]> {
    const callers = Array.from({ length: count }, () => this.ring(pod, options));
    const held = await Promise.all(callers.map((caller) => this.answered(caller, pod)));
    await pause(PROTECTED_AFTER_MS);
    return held;
  }

  /** Places one call through a pod and waits for nothing. */
  ring(pod: StaticPod, options: PlaceOptions = {}): PhoneCall {
    this.#placed += 1;
    return this.callers.place(pod.place.public, `call-${String(this.#placed)}`, options);
  }

  /** Waits until a call is answered on both sides. */
  async answered(caller: PhoneCall, pod: StaticPod): Promise<HeldCall> {
    const status = await caller.established;
    if (status !== 200) throw new Error(`${caller.name} got ${String(status)}`);
    await until(() => this.callees.named(caller.name)?.state === 'answered', ANSWERED_WITHIN_MS, caller.name);
    const callee = this.callees.named(caller.name);
    if (callee === undefined) throw new Error(`${caller.name} reached nobody`);
    return { caller, callee, pod };
  }

  /** Waits until an end of a call has met its new pod and answers which one it is. */
  async rehomed(call: HeldCall, end: End): Promise<StaticPod> {
    const ledger = call[end].ledger;
    await until(
      () => this.podShown(call, end) !== call.pod && isAcknowledged(call[end]),
      REHOMED_WITHIN_MS,
      `a re-INVITE to the ${end} of ${call.caller.name} (errors: ${ledger.errors.join(', ') || 'none'})`,
    );
    const pod = this.podShown(call, end);
    if (pod === undefined) throw new Error(`${call[end].farContact} is no pod`);
    return pod;
  }

  /** Waits until both ends of every call have met the same new pod. */
  async allRehomed(calls: readonly HeldCall[]): Promise<void> {
    for (const call of calls) {
      const pods = await Promise.all(ENDS.map((end) => this.rehomed(call, end)));
      if (pods[0] !== pods[1]) throw new Error(`the ends of ${call.caller.name} are at two pods`);
    }
  }

  /** The pod whose Contact an end of a call was shown last. */
  podShown(call: HeldCall, end: End): StaticPod | undefined {
    const contact = call[end].farContact;
    const side = end === 'caller' ? 'public' : 'internal';
    return this.pods.find((pod) => hostPort(pod.place[side]) === contact);
  }

  /** host:port that a pod shows to that end. */
  contactOf(pod: StaticPod, end: End): string {
    return hostPort(end === 'caller' ? pod.place.public : pod.place.internal);
  }

  async stop(): Promise<void> {
    await this.cluster.stop();
    await this.callers.close();
    await this.callees.close();
  }
}

/** Whether the last INVITE that an end received, if any, has been ACKed. */
function isAcknowledged(end: PhoneCall): boolean {
  const received = end.ledger.entries.filter((entry) => entry.way === 'received' && entry.status === 0);
  const last = received.findLast((entry) => entry.method === 'INVITE');
  return last === undefined || received.some((entry) => entry.method === 'ACK' && entry.cseq === last.cseq);
}

/** What is wrong with the newest re-INVITE that an end was sent, and with its ACK, by the checklist. */
export function rehomeFaults(fleet: Fleet, call: HeldCall, end: End): string[] {
  const { entries } = call[end].ledger;
  const at = entries.findLastIndex(
    (entry) => entry.way === 'received' && entry.method === 'INVITE' && entry.status === 0 && !entry.repeat,
  );
  const pod = fleet.podShown(call, end);
  const reinvite = entries[at];
  if (reinvite === undefined || pod === undefined) return ['no re-INVITE'];
  const leg: KnownLeg = knownLeg(entries.slice(0, at));
  const ack = entries.slice(at).find((entry) => entry.way === 'received' && entry.method === 'ACK');
  const where = fleet.contactOf(pod, end);
  const faults = reinviteFaults(reinvite.text, leg, where);
  const named = ack === undefined ? ['no ACK'] : ackFaults(ack.text, leg, reinvite.text);
  return [...faults, ...named].map((fault) => `${call.caller.name}, ${end}: ${fault}`);
}

/** Sends a request in a call from one end through any pod, whatever Contact that end was shown. */
export async function requestThrough(call: HeldCall, end: End, pod: StaticPod): Promise<number> {
  const phone = call[end];
  const shown = phone.dialog.remoteTarget;
  const side = end === 'caller' ? pod.place.public : pod.place.internal;
  phone.dialog.remoteTarget = shown.replace(/@[^;>]+/, `@${hostPort(side)}`);
  const outcome = phone.request('INFO');
  phone.dialog.remoteTarget = shown;
  return (await outcome).status;
}

/** The other end. */
export function otherEnd(end: End): End {
  return end === 'caller' ? 'callee' : 'caller';
}

/** Hangs a call up from one end; resolves when the other knows, and throws if it never does. */
export async function hangUp(call: HeldCall, end: End): Promise<void> {
  const outcome = await call[end].bye();
  if (outcome.status !== 200) throw new Error(`BYE from the ${end} got ${String(outcome.status)}`);
  const other = call[otherEnd(end)];
  await until(() => other.state === 'ended', ANSWERED_WITHIN_MS, `the BYE of ${call.caller.name} to arrive`);
}

/** Holds and resumes a call from one end; throws unless the other end saw both. */
export async function holdAndResume(call: HeldCall, end: End): Promise<void> {
  const other = call[otherEnd(end)];
  const held = await call[end].hold();
  const heard = other.sdp.current().includes('a=recvonly');
  const resumed = await call[end].resume();
  const talking = other.sdp.current().includes('a=sendrecv');
  if (held.status !== 200 || resumed.status !== 200 || !heard || !talking)
    throw new Error(`hold ${String(held.status)}, resume ${String(resumed.status)} of ${call.caller.name}`);
}

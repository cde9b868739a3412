import { at } from './free-network.ts';
import { hostPort, type SocketAddress } from './phone-address.ts';
import type { PhoneCall } from './phone-call.ts';
import type { PhoneTiming } from './phone-client-transaction.ts';
import { Phone } from './phone.ts';
import { TALK_ENDS, type TalkCall, type TalkEnd } from './talk.ts';
import { pause, until } from './until.ts';

/** How the phones are opened. */
export interface DemoCallsOptions {
  /** N in 127.0.N.1 for the callers and 127.0.N.2 for the callees. */
  network: number;
  timing?: PhoneTiming;
  keepMessages?: boolean;
}

/** How calls are placed. */
export interface PlaceInTurn {
  /** Where the callers send to: the public listeners of pods, each in turn. */
  through: readonly SocketAddress[];
  perSecond: number;
  /** First part of the called names; `line` if not given. */
  name?: string;
}

const SIP_PORT = 5060;
const BATCHES_PER_SECOND = 20;
const ENDS_WITHIN_MS = 5000;
const ANSWERED_WITHIN_MS = 10_000;

/** A group of callers and a group of callees, on an address each. */
export class DemoCalls {
  readonly callers: Phone;
  readonly callees: Phone;
  #placed = 0;

  private constructor(callers: Phone, callees: Phone) {
    this.callers = callers;
    this.callees = callees;
  }

  static async open({ network, ...options }: DemoCallsOptions): Promise<DemoCalls> {
    const callees = await Phone.open({ ...at(network, 2, SIP_PORT), ...options });
    const callers = await Phone.open({ ...at(network, 1, SIP_PORT), ...options });
    return new DemoCalls(callers, callees);
  }

  /** host:port at which callees are reached. */
  get target(): string {
    return hostPort(this.callees.local);
  }

  /** Sets up calls; rejects when one is not answered. */
  async place(count: number, { through, perSecond, name = 'line' }: PlaceInTurn): Promise<TalkCall[]> {
    const calls: TalkCall[] = [];
    const batch = Math.max(1, Math.ceil(perSecond / BATCHES_PER_SECOND));
    while (calls.length < count) {
      const size = Math.min(batch, count - calls.length);
      const some = Array.from({ length: size }, (_, index) => {
        const entrance = through[(calls.length + index) % through.length];
        if (entrance === undefined) throw new Error('there is no pod to call through');
        return this.call(entrance, name);
      });
      calls.push(...(await Promise.all(some)));
      await pause(1000 / BATCHES_PER_SECOND);
    }
    return calls;
  }

  /** Sets up one call. */
  async call(through: SocketAddress, name = 'line'): Promise<TalkCall> {
    this.#placed += 1;
    return this.answered(this.callers.place(through, `${name}-${String(this.#placed)}`));
  }

  /** Waits until a call is answered on both sides. */
  async answered(caller: PhoneCall): Promise<TalkCall> {
    const status = await caller.established;
    const callee = this.callees.named(caller.name);
    if (status !== 200 || callee === undefined)
      throw new Error(`${caller.name} was not set up: ${String(status)}`);
    await until(() => callee.state === 'answered', ANSWERED_WITHIN_MS, `${caller.name} to be answered`);
    return { caller, callee };
  }

  async close(): Promise<void> {
    await this.callers.close();
    await this.callees.close();
  }
}

/** Address of the pod that an end was shown last. */
export function addressShown(call: TalkCall, end: TalkEnd): string {
  const contact = call[end].farContact;
  return contact.slice(0, contact.lastIndexOf(':'));
}

/** Whether both ends were shown one of these addresses. */
export function isAt(call: TalkCall, addresses: ReadonlySet<string>): boolean {
  return TALK_ENDS.every((end) => addresses.has(addressShown(call, end)));
}

/** Puts a call on hold from one end and hangs it up from the other; what went wrong, in words. */
export async function useCall(call: TalkCall, byCaller: boolean): Promise<string[]> {
  const [first, second] = byCaller ? [call.caller, call.callee] : [call.callee, call.caller];
  const held = await first.hold();
  const heard = second.sdp.current().includes('a=recvonly');
  const ended = await second.bye();
  await until(() => first.state === 'ended', ENDS_WITHIN_MS, 'the BYE').catch(() => undefined);
  const faults: string[] = [];
  if (held.status !== 200 || !heard) faults.push(`hold: ${String(held.status)}`);
  if (ended.status !== 200 || first.state !== 'ended') faults.push(`BYE: ${String(ended.status)}`);
  return faults.map((fault) => `${call.caller.name}: ${fault}`);
}

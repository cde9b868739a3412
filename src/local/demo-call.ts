import { hostPort } from './phone-address.ts';
import type { PhoneCall } from './phone-call.ts';
import type { StaticPod } from './static-pod.ts';
import { until } from './until.ts';

/** A call of the demo, from both its ends. */
export interface DemoCall {
  caller: PhoneCall;
  callee: PhoneCall;
  /** The pod that it was set up through. */
  pod: StaticPod;
}

/** What the check of one call found. */
export interface CallVerdict {
  /** Ends (0-2) that were sent a re-INVITE. */
  reinvites: number;
  /** Ends (0-2) whose far Contact is that of a pod which lives. */
  contacts: number;
  holds: boolean;
  hangsUp: boolean;
  /** What was wrong, in words; empty if nothing was. */
  faults: string[];
}

const ENDS_WITHIN_MS = 2000;

/** host:port that the two ends of a call are shown by a pod. */
export function contactsOf(pod: StaticPod): [caller: string, callee: string] {
  return [hostPort(pod.place.public), hostPort(pod.place.internal)];
}

/** When each end of a call was first sent a re-INVITE by another pod than its first, ms of wall clock. */
export function rehomedAt(call: DemoCall): (number | undefined)[] {
  const first = contactsOf(call.pod);
  return [call.caller, call.callee].map(
    (end, side) => end.ledger.reinvites().find((entry) => entry.contact !== first[side])?.atMs,
  );
}

/** When the last 2xx to a re-INVITE left an end of a call, ms of wall clock; 0 if none did. */
export function answeredAt(call: DemoCall): number {
  const sent = [call.caller, call.callee].flatMap((end) =>
    end.ledger.entries.filter(
      (entry, index) =>
        index > 2 && entry.way === 'sent' && entry.method === 'INVITE' && entry.status === 200,
    ),
  );
  return Math.max(0, ...sent.map((entry) => entry.atMs));
}

/** Uses a call from both ends: a hold by one, a hang-up by the other, and what their ledgers say. */
export async function checkCall(
  call: DemoCall,
  alive: readonly StaticPod[],
  byCaller: boolean,
): Promise<CallVerdict> {
  const ends = [call.caller, call.callee] as const;
  const [first, second] = byCaller ? ends : [call.callee, call.caller];
  const reinvites = rehomedAt(call).filter((at) => at !== undefined).length;
  const contacts = countContacts(call, alive);
  const held = await first.hold();
  const heard = second.sdp.current().includes('a=recvonly');
  const ended = await second.bye();
  await until(() => first.state === 'ended', ENDS_WITHIN_MS, 'the BYE').catch(() => undefined);
  const holds = held.status === 200 && heard;
  const hangsUp = ended.status === 200 && first.state === 'ended';
  const faults = ends.flatMap((end) => end.ledger.errors);
  if (!holds) faults.push(`hold: ${String(held.status)}`);
  if (!hangsUp) faults.push(`BYE: ${String(ended.status)}`);
  if (contacts < 2) faults.push('an end still knows a dead pod');
  return {
    reinvites,
    contacts,
    holds,
    hangsUp,
    faults: faults.map((fault) => `${call.caller.name}: ${fault}`),
  };
}

function countContacts(call: DemoCall, alive: readonly StaticPod[]): number {
  const known = alive.map((pod) => contactsOf(pod));
  return [call.caller, call.callee].filter((end, side) =>
    known.some((contacts) => contacts[side] === end.farContact),
  ).length;
}

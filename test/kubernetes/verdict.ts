import type {
  CallSummary,
  EndLedger,
  LostRequest,
  RunLedger,
} from '../../src/local/phones-program/run-type.ts';

/** A pod that was killed, or stood still: what was sent to it could not be answered. */
export interface Death {
  atMs: number;
  address: string;
  /** When it went on, if it does. */
  overMs?: number;
}

/** What was sent so long before a kill may have been under way in the pod. */
const UNDER_WAY_MS = 1000;
/** A phone that has the re-INVITE may be about to send to the old address still. */
const TURNS_WITHIN_MS = 200;
/** How a ledger tells of requests that were lost, which are judged one by one, and of those that were late, which a death explains. */
const LOST_OR_LATE =
  /(?:^|: )(?:\d+ to \S+ \d+|no answer yet to \S+ \d+|\S+ \d+ had to be repeated \d+ times)$/;

/** What went wrong in calls that should all have lived until they were hung up, in words; without deaths nothing may. */
export function faultsOf({ run, calls, strays }: RunLedger, deaths: readonly Death[] = []): string[] {
  return [
    ...calls.flatMap((call) => callFaults(call, deaths)),
    ...strays.map((line) => `${run}: belonged to nothing: ${line}`),
  ];
}

function callFaults(call: CallSummary, deaths: readonly Death[]): string[] {
  const { failure, ends, hangUpFaults, state } = call;
  if (failure !== undefined)
    return [`${call.call} was not set up through ${call.through}: ${failure.status} ${failure.reason}`];
  if (ends === undefined) return [`${call.call} is still ${state}`];
  const faults = Object.entries(ends).flatMap(([end, ledger]) =>
    (deaths.length === 0 ? ledger.faults : faultsBesides(ledger, deaths)).map((fault) => `${end}: ${fault}`),
  );
  const doubled = Object.entries(ends).flatMap(([end, { duplicates }]) =>
    duplicates > allowed(ends, deaths) ? [`${end}: ${duplicates} requests came twice`] : [],
  );
  return [...faults, ...doubled, ...hangUpFaults].map((fault) => `${call.call}, ${fault}`);
}

/** A request that a dying pod relayed may be counted as lost by its sender. */
function allowed(ends: Record<string, EndLedger>, deaths: readonly Death[]): number {
  return deaths.length === 0 ? 0 : Math.max(...Object.values(ends).map(({ lost }) => lost.length));
}

/** What a death does not explain. */
function faultsBesides(end: EndLedger, deaths: readonly Death[]): string[] {
  const lost = end.lost.filter((request) => !deaths.some((death) => excuses(death, request, end)));
  return [
    ...lost.map(({ method, cseq, status, to }) => `${status} to ${method} ${cseq}, sent to ${to}`),
    ...end.faults.filter((fault) => !LOST_OR_LATE.test(fault)),
  ];
}

/** Whether a request went to the dead pod before its sender had been told of another one, or the pod went on. */
function excuses(death: Death, { atMs, to }: LostRequest, { reinvites }: EndLedger): boolean {
  const toldMs = reinvites.find((each) => each.atMs >= death.atMs)?.atMs ?? Number.POSITIVE_INFINITY;
  const endMs = Math.min(toldMs, death.overMs ?? Number.POSITIVE_INFINITY) + TURNS_WITHIN_MS;
  return isAt(to, death.address) && atMs >= death.atMs - UNDER_WAY_MS && atMs <= endMs;
}

/** Whether host:port is at an address. */
export function isAt(place: string, address: string): boolean {
  return place.slice(0, place.lastIndexOf(':')) === (address.includes(':') ? `[${address}]` : address);
}

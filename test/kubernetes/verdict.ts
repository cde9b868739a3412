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
/** A request that came after later ones; the phone refuses it (RFC 3261 §12.2.2). */
const OVERTAKEN = /(?:^|: )CSeq \d+ \S+ after \d+$/;

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
    (deaths.length === 0 ? ledger.faults : faultsBesides(ledger, deaths, excusedOf(ends, end, deaths))).map(
      (fault) => `${end}: ${fault}`,
    ),
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

/** How many requests of the other end a death explains: a pod that lives on repeats them, and they may come when its link is mended. */
function excusedOf(ends: Record<string, EndLedger>, end: string, deaths: readonly Death[]): number {
  const others = Object.entries(ends).filter(([name]) => name !== end);
  return others.flatMap(([, other]) => other.lost.filter((request) => isExcused(request, other, deaths)))
    .length;
}

/** What a death does not explain; `late` requests of the far end may come after all. */
function faultsBesides(end: EndLedger, deaths: readonly Death[], late: number): string[] {
  const lost = end.lost.filter((request) => !isExcused(request, end, deaths));
  const others = end.faults.filter((fault) => !LOST_OR_LATE.test(fault));
  return [
    ...lost.map(({ method, cseq, status, to }) => `${status} to ${method} ${cseq}, sent to ${to}`),
    ...others.filter((fault) => !OVERTAKEN.test(fault)),
    ...others.filter((fault) => OVERTAKEN.test(fault)).slice(late),
  ];
}

function isExcused(request: LostRequest, end: EndLedger, deaths: readonly Death[]): boolean {
  return deaths.some((death) => excuses(death, request, end));
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

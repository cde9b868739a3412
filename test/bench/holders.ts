import type { LedgerEntry } from '../../src/local/call-ledger.ts';
import type { SocketAddress } from '../../src/local/phone-address.ts';
import type { PhoneCall } from '../../src/local/phone-call.ts';
import { Phone } from '../../src/local/phone.ts';
import { Talk, type TalkCall } from '../../src/local/talk.ts';
import { TalkLedger } from '../../src/local/talk-ledger.ts';
import { pause } from '../../src/local/until.ts';

/** What the parent process asks for. */
export type HolderOrder =
  | { do: 'open'; caller: string; callee: string }
  | { do: 'hold'; calls: number; perSecond: number; pod: SocketAddress }
  /** `living`: host:port of every Contact that is not wrong after the move. */
  | { do: 'report'; sinceMs: number; living: string[] }
  /** From each end of each call a request every so often. */
  | { do: 'talk'; everyMs: number }
  /** Ends the talk, and tells what it came to. */
  | { do: 'talked' }
  | { do: 'hangUp'; perSecond: number };

/** What it gets. */
export interface HolderReport {
  /** Calls that were answered, or ended by a BYE that was answered. */
  calls: number;
  /** Legs that were sent a re-INVITE since the time asked about. */
  moved: number;
  /** Legs whose far Contact is none of the living. */
  wrong: number;
  /** Wall-clock times in ms of the first re-INVITE and of the last 2xx to one; 0 if there were none. */
  firstAtMs: number;
  lastAtMs: number;
  /** Requests of the talk, those of them that were not answered with 2xx, and everything that was wrong, in words. */
  talk?: { sent: number; lost: number; faults: string[] };
}

const TICK_MS = 20;
const LAST_ANSWERS_MS = 5000;

let callers: Phone;
let callees: Phone;
let talk: Talk | undefined;

process.on('message', (order: HolderOrder) => {
  void obey(order).then((report) => process.send?.(report));
});
process.once('disconnect', () => process.exit(0));

async function obey(order: HolderOrder): Promise<HolderReport> {
  switch (order.do) {
    case 'open':
      callers = await Phone.open({ address: order.caller });
      callees = await Phone.open({ address: order.callee, port: 5060 });
      return counted(0);
    case 'hold':
      return hold(order.calls, order.perSecond, order.pod);
    case 'report':
      return report(order.sinceMs, new Set(order.living));
    case 'talk':
      talk = new Talk(heldCalls(), { everyMs: order.everyMs });
      return counted(talk.calls.length);
    case 'talked':
      return talked();
    case 'hangUp':
      return hangUp(order.perSecond);
  }
}

async function hold(count: number, perSecond: number, pod: SocketAddress): Promise<HolderReport> {
  const first = callers.calls.length;
  const numbers = Array.from({ length: count }, (_, index) => first + index);
  const outcomes = await paced(
    numbers,
    perSecond,
    (number) => callers.place(pod, `held-${String(number)}`).established,
  );
  return counted(outcomes.filter((status) => status === 200).length);
}

async function hangUp(perSecond: number): Promise<HolderReport> {
  const open = callers.calls.filter((call) => call.state === 'answered');
  const outcomes = await paced(open, perSecond, (call) => call.bye());
  return counted(outcomes.filter(({ status }) => status === 200).length);
}

/** Calls that are up, from both ends. */
function heldCalls(): TalkCall[] {
  return callers.calls.flatMap((caller) => {
    const callee = callees.named(caller.name);
    return caller.state === 'answered' && callee !== undefined ? [{ caller, callee }] : [];
  });
}

async function talked(): Promise<HolderReport> {
  if (talk === undefined) throw new Error('nobody talks');
  await talk.stop(LAST_ANSWERS_MS);
  const ledger = new TalkLedger(talk);
  const { sent, lost, alive } = ledger.sum(talk.calls);
  return { ...counted(alive), talk: { sent, lost, faults: ledger.faults() } };
}

function report(sinceMs: number, living: ReadonlySet<string>): HolderReport {
  const ends = [...callers.calls, ...callees.calls].filter((call) => call.state === 'answered');
  const first = ends.map((end) => firstReinvite(end, sinceMs)).filter((entry) => entry !== undefined);
  const last = ends.map((end) => lastAnswer(end, sinceMs)).filter((entry) => entry !== undefined);
  return {
    calls: ends.length / 2,
    moved: first.length,
    wrong: ends.filter((end) => !living.has(end.farContact)).length,
    firstAtMs: first.length === 0 ? 0 : Math.min(...first.map((entry) => entry.atMs)),
    lastAtMs: last.length === 0 ? 0 : Math.max(...last.map((entry) => entry.atMs)),
  };
}

function firstReinvite(end: PhoneCall, sinceMs: number): LedgerEntry | undefined {
  return end.ledger.reinvites().find((entry) => entry.atMs >= sinceMs);
}

function lastAnswer(end: PhoneCall, sinceMs: number): LedgerEntry | undefined {
  return end.ledger.entries.findLast(
    (entry) =>
      entry.way === 'sent' && entry.method === 'INVITE' && entry.status === 200 && entry.atMs >= sinceMs,
  );
}

function counted(calls: number): HolderReport {
  return { calls, moved: 0, wrong: 0, firstAtMs: 0, lastAtMs: 0 };
}

/** Starts a task for each item, so many a second, and waits for all. */
async function paced<Item, Result>(
  items: readonly Item[],
  perSecond: number,
  task: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const started: Promise<Result>[] = [];
  const zero = performance.now();
  for (const item of items) {
    while (started.length > ((performance.now() - zero) / 1000) * perSecond) await pause(TICK_MS);
    started.push(task(item));
  }
  return Promise.all(started);
}

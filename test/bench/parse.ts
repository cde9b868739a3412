import process from 'node:process';
import { H, MessageEdit, parseMessage, SipMessage } from '../../src/sip/index.ts';
import { INVITE } from './invite.ts';

/** One figure of a benchmark. */
export interface Rate {
  name: string;
  perSecond: number;
}

const RUNS = 5;
const RUN_US = 1_000_000;
const ROUNDS = 256;
const TEXTS = 8;

/** How many INVITEs of 1.2 kB one core parses, with the fields read that routing needs. */
export function benchParse(): Rate {
  return { name: 'parse an INVITE and read what routing needs', perSecond: medianRate(readRoutingFields) };
}

/** How many such INVITEs one core turns into the one that leaves, parsing apart. */
export function benchEdit(): Rate {
  const message = parsed(INVITE);
  return {
    name: 'write the INVITE with eight headers changed',
    perSecond: medianRate(() => forward(message).length),
  };
}

function readRoutingFields(text: string): number {
  const message = parsed(text);
  const { branch = '', fromTag, toTag, callId, cseq, cseqMethod, maxForwards = 0, requestUri } = message;
  const host = message.contact?.sipUri?.host ?? '';
  const route = message.get(H.Route) ?? '';
  const numbers = cseq + maxForwards;
  const lengths = branch.length + fromTag.length + toTag.length + callId.length + cseqMethod.length;
  return numbers + lengths + requestUri.length + host.length + route.length;
}

function forward(message: SipMessage): string {
  return new MessageEdit(message)
    .requestLine('INVITE', 'sip:+14155550123@192.0.2.44:5060')
    .set(H.Via, 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK0123456789abcdef;rport')
    .set(H.MaxForwards, '68')
    .remove(H.Route)
    .remove(H.RecordRoute)
    .set(H.From, '"Alice Liddell" <sip:+14155550199@carrier.example.com>;tag=1928301774abc')
    .set(H.CSeq, '1001 INVITE')
    .set(H.Contact, '<sip:alice@192.0.2.1:5060;rh=0123456789abcdef01234567b>')
    .toString();
}

function parsed(text: string): SipMessage {
  const message = parseMessage(text);
  if (!(message instanceof SipMessage)) throw new Error(message.code);
  return message;
}

/** Median of the runs, by the process's CPU time, so that neighbours on the machine count less. */
function medianRate(work: (text: string) => number): number {
  const bytes = Buffer.from(INVITE, 'latin1');
  const texts = Array.from({ length: TEXTS }, () => bytes.toString('latin1'));
  const rates: number[] = [];
  let sum = 0;
  for (let run = 0; run < RUNS; run++) {
    const begin = process.cpuUsage();
    let rounds = 0;
    let elapsedUs = 0;
    while (elapsedUs < RUN_US) {
      for (let round = 0; round < ROUNDS; round++) for (const text of texts) sum += work(text);
      rounds += ROUNDS;
      const { user, system } = process.cpuUsage(begin);
      elapsedUs = user + system;
    }
    rates.push((rounds * TEXTS * 1e6) / elapsedUs);
  }
  if (sum === 0) throw new Error('nothing was read');
  return Math.round(rates.sort((one, other) => one - other)[RUNS >> 1] ?? 0);
}

if (import.meta.main) {
  for (const { name, perSecond } of [benchParse(), benchEdit()])
    process.stdout.write(`${name}: ${String(perSecond)}/s\n`);
}

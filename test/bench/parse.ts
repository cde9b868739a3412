import process from 'node:process';
import { H, MessageEdit, parseMessage, parseUri, SipMessage } from '../../src/sip/index.ts';
import { INVITE } from './invite.ts';

/** One figure of a benchmark. */
export interface Rate {
  name: string;
  perSecond: number;
}

const RUNS = 5;
const RUN_MS = 1_000;
const ROUND = 2_000;

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
  const target = parseUri(message.requestUri)?.host ?? '';
  const contact = parseUri(message.contact?.uri ?? '')?.host ?? '';
  const route = message.list(H.Route)[0] ?? '';
  const names = [message.branch ?? '', message.fromTag, message.toTag, message.callId, message.cseqMethod];
  return (
    names.join('').length +
    message.cseq +
    (message.maxForwards ?? 0) +
    target.length +
    contact.length +
    route.length
  );
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

/** Each run gives `work` texts of its own, as a socket would, so nothing is shared between two calls. */
function medianRate(work: (text: string) => number): number {
  const bytes = Buffer.from(INVITE, 'latin1');
  const rates: number[] = [];
  let sum = 0;
  for (let run = 0; run < RUNS; run++) {
    const begin = process.hrtime.bigint();
    let calls = 0;
    let elapsedMs = 0;
    while (elapsedMs < RUN_MS) {
      for (let call = 0; call < ROUND; call++) sum += work(bytes.latin1Slice(0, bytes.length));
      calls += ROUND;
      elapsedMs = Number(process.hrtime.bigint() - begin) / 1e6;
    }
    rates.push((calls * 1_000) / elapsedMs);
  }
  if (sum === 0) throw new Error('nothing was read');
  return Math.round(rates.sort((one, other) => one - other)[RUNS >> 1] ?? 0);
}

if (import.meta.main) {
  for (const { name, perSecond } of [benchParse(), benchEdit()])
    process.stdout.write(`${name}: ${String(perSecond)}/s\n`);
}

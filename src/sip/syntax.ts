import { H, headerName, type HeaderId } from './header-names.ts';
import type { SipMessage } from './message.ts';
import { parseNameAddr } from './name-addr.ts';
import { parseVia } from './via.ts';

/** What is wrong with a message, in words for a reason phrase; undefined when nothing is. */
export type Fault = string | undefined;

type Check = (message: SipMessage) => Fault;

/** Header fields that every message has once (RFC 3261 §8.1.1, §8.2.6.2). */
const MANDATORY: readonly HeaderId[] = [H.From, H.To, H.CallId, H.CSeq];

/** Header fields that stand in a message once at most. */
const SINGLE: readonly HeaderId[] = [...MANDATORY, H.MaxForwards, H.ContentLength, H.ContentType, H.Date];

const ADDRESS_LISTS: readonly HeaderId[] = [H.Contact, H.Route, H.RecordRoute];

const RFC1123_DATE =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT$/i;

/** In this order, so that the first fault named is the plainest. */
const CHECKS: readonly Check[] = [
  malformedLine,
  missingHeader,
  repeatedHeader,
  malformedVia,
  malformedCSeq,
  malformedParty,
  malformedCallId,
  malformedAddressList,
  malformedContentLength,
  malformedDate,
];

/** The first fault in the header fields that requests and responses share. */
export function syntaxFault(message: SipMessage): Fault {
  for (const check of CHECKS) {
    const fault = check(message);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function isAddress(value: string): boolean {
  return parseNameAddr(value) !== undefined;
}

function malformedLine(message: SipMessage): Fault {
  if (message.headers.ids.includes(H.Malformed)) return 'Malformed Header Line';
  return hasBareCarriageReturn(message) ? 'Bare Carriage Return' : undefined;
}

/** The parser cuts lines at CRLF and refuses a bare LF; a CR alone would be a line's end to some peers only. */
function hasBareCarriageReturn({ text, headers }: SipMessage): boolean {
  const end = headers.starts[headers.ids.length] ?? text.length;
  for (let at = text.indexOf('\r'); at >= 0 && at < end; at = text.indexOf('\r', at + 2)) {
    if (text.charCodeAt(at + 1) !== 10) return true;
  }
  return false;
}

function missingHeader(message: SipMessage): Fault {
  if (message.get(H.Via) === undefined) return 'Missing Via';
  const missing = MANDATORY.find((id) => message.get(id) === undefined);
  return missing === undefined ? undefined : `Missing ${headerName(missing)}`;
}

function repeatedHeader(message: SipMessage): Fault {
  const repeated = SINGLE.find((id) => message.count(id) > 1);
  return repeated === undefined ? undefined : `More Than One ${headerName(repeated)}`;
}

function malformedVia(message: SipMessage): Fault {
  const vias = message.list(H.Via);
  return vias.length > 0 && vias.every((via) => parseVia(via) !== undefined) ? undefined : 'Malformed Via';
}

function malformedCSeq(message: SipMessage): Fault {
  return Number.isNaN(message.cseq) ? 'Malformed CSeq' : undefined;
}

function malformedParty(message: SipMessage): Fault {
  if (!isAddress(message.from)) return 'Malformed From';
  return isAddress(message.to) ? undefined : 'Malformed To';
}

function malformedCallId(message: SipMessage): Fault {
  return /^\S+$/.test(message.callId) ? undefined : 'Malformed Call-ID';
}

function malformedAddressList(message: SipMessage): Fault {
  const malformed = ADDRESS_LISTS.find((id) => {
    if (message.get(id) === undefined) return false;
    const addresses = message.list(id);
    return addresses.length === 0 || !addresses.every(isAddress);
  });
  return malformed === undefined ? undefined : `Malformed ${headerName(malformed)}`;
}

/** RFC 3261 §18.3: a datagram that ends before its body does is an error. */
function malformedContentLength(message: SipMessage): Fault {
  if (message.get(H.ContentLength) === undefined) return undefined;
  const length = message.contentLength;
  if (length === undefined) return 'Malformed Content-Length';
  return length > message.body.length ? 'Body Shorter Than Content-Length' : undefined;
}

/** RFC 3261 §20.17: GMT only. */
function malformedDate(message: SipMessage): Fault {
  const date = message.get(H.Date);
  return date === undefined || RFC1123_DATE.test(date) ? undefined : 'Malformed Date';
}

import { bracketed, parseHostPort, type HostPort } from './host.ts';
import { decimal } from './number.ts';
import { parseParameters, type Parameters } from './parameters.ts';
import { isToken } from './token.ts';
import { gapIn } from './whitespace.ts';

/** One Via value (RFC 3261 §20.42); a parameter that is absent is ''. */
export class Via {
  readonly protocol: string;
  readonly version: string;
  /** In upper case. */
  readonly transport: string;
  /** Sent-by host in lower case, an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number | undefined;
  readonly params: Parameters;

  constructor(sent: SentProtocol, sentBy: HostPort, params: Parameters) {
    this.protocol = sent.protocol;
    this.version = sent.version;
    this.transport = sent.transport;
    this.host = sentBy.host;
    this.port = sentBy.port;
    this.params = params;
  }

  get branch(): string {
    return this.params.get('branch') ?? '';
  }

  /** An IPv6 address without brackets: both forms are in use (RFC 5118 §4.5). */
  get received(): string {
    return unbracketed(this.params.get('received') ?? '');
  }

  /** 0 when asked for and not yet filled in, undefined when not asked for (RFC 3581 §3). */
  get rport(): number | undefined {
    const rport = this.params.get('rport');
    return rport === undefined ? undefined : (decimal(rport) ?? 0);
  }

  get maddr(): string {
    return unbracketed(this.params.get('maddr') ?? '');
  }

  get ttl(): number | undefined {
    return decimal(this.params.get('ttl') ?? '');
  }
}

/** What `formatVia` writes; what is absent is left out. */
export interface ViaFields {
  transport: string;
  /** Host and port as written, an IPv6 address in brackets. */
  sentBy: string;
  branch: string;
  received?: string;
  /** 0 asks the next hop to fill it in. */
  rport?: number;
  maddr?: string;
  ttl?: number;
}

/** Reads one Via value; undefined when malformed. */
export function parseVia(value: string): Via | undefined {
  const semicolon = value.indexOf(';');
  const paramsAt = semicolon < 0 ? value.length : semicolon;
  const sent = parseSentProtocol(value.slice(0, paramsAt));
  const sentBy = sent === undefined ? undefined : parseHostPort(sent.sentBy);
  const params = parseParameters(value, paramsAt);
  return sent === undefined || sentBy === undefined || params === undefined
    ? undefined
    : new Via(sent, sentBy, params);
}

/** Writes one Via value, its parameters in the order branch, rport, received, maddr, ttl. */
export function formatVia(via: ViaFields): string {
  let value = `SIP/2.0/${via.transport} ${via.sentBy};branch=${via.branch}`;
  if (via.rport !== undefined) value += via.rport === 0 ? ';rport' : `;rport=${String(via.rport)}`;
  if (via.received !== undefined) value += `;received=${unbracketed(via.received)}`;
  if (via.maddr !== undefined) value += `;maddr=${bracketed(via.maddr)}`;
  if (via.ttl !== undefined) value += `;ttl=${String(via.ttl)}`;
  return value;
}

/** Nearly every sender writes the three parts without white space. */
const COMPACT_PROTOCOL = 'SIP/2.0/';

interface SentProtocol {
  protocol: string;
  version: string;
  transport: string;
  sentBy: string;
}

function parseSentProtocol(head: string): SentProtocol | undefined {
  const gap = head.indexOf(' ');
  const transport = head.slice(COMPACT_PROTOCOL.length, gap);
  if (gap > 0 && head.startsWith(COMPACT_PROTOCOL) && isToken(transport)) {
    return {
      protocol: 'SIP',
      version: '2.0',
      transport: upperCase(transport),
      sentBy: withoutSpaces(head.slice(gap + 1)),
    };
  }
  return parseSpacedProtocol(head);
}

/** RFC 3261 §25.1 allows white space around the slashes. */
function parseSpacedProtocol(head: string): SentProtocol | undefined {
  const [protocol = '', version = '', rest = '', more] = head.split('/').map((part) => part.trim());
  const gap = gapIn(rest);
  const transport = rest.slice(0, gap);
  if (more !== undefined || !isToken(protocol) || !isToken(version) || !isToken(transport)) return undefined;
  return {
    protocol: protocol.toUpperCase(),
    version,
    transport: transport.toUpperCase(),
    sentBy: withoutSpaces(rest.slice(gap + 1)),
  };
}

function upperCase(transport: string): string {
  return transport === 'UDP' || transport === 'TCP' ? transport : transport.toUpperCase();
}

/** RFC 3261 §25.1 allows white space around the colon before the port. */
function withoutSpaces(sentBy: string): string {
  if (!sentBy.includes(' ') && !sentBy.includes('\t')) return sentBy;
  const colon = sentBy.lastIndexOf(':');
  if (colon <= sentBy.lastIndexOf(']')) return sentBy.trim();
  return `${sentBy.slice(0, colon).trim()}:${sentBy.slice(colon + 1).trim()}`;
}

function unbracketed(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}

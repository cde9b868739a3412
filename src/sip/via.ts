import { bracketed, parseHostPort } from './host.ts';
import { decimal } from './number.ts';
import { Parameters, parseParameters } from './parameters.ts';
import { isToken } from './token.ts';

/** One Via value (RFC 3261 §20.42); a parameter that is absent is ''. */
export interface Via {
  protocol: string;
  version: string;
  /** In upper case. */
  transport: string;
  /** Sent-by host in lower case, an IPv6 address without brackets. */
  host: string;
  port: number | undefined;
  branch: string;
  /** An IPv6 address without brackets (RFC 5118 §4.5 knows both forms). */
  received: string;
  /** 0 when asked for and not yet filled in, undefined when not asked for (RFC 3581). */
  rport: number | undefined;
  maddr: string;
  ttl: number | undefined;
  params: Parameters;
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
  const paramsAt = value.indexOf(';');
  const head = paramsAt < 0 ? value : value.slice(0, paramsAt);
  const params = paramsAt < 0 ? NO_PARAMETERS : parseParameters(value, paramsAt);
  if (params === undefined) return undefined;
  const sent = parseSentProtocol(head);
  const sentBy = sent === undefined ? undefined : parseHostPort(sent.sentBy);
  return sent === undefined || sentBy === undefined
    ? undefined
    : {
        protocol: sent.protocol,
        version: sent.version,
        transport: sent.transport,
        host: sentBy.host,
        port: sentBy.port,
        branch: params.get('branch') ?? '',
        received: unbracketed(params.get('received') ?? ''),
        rport: rportOf(params),
        maddr: unbracketed(params.get('maddr') ?? ''),
        ttl: decimal(params.get('ttl') ?? ''),
        params,
      };
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

const NO_PARAMETERS = new Parameters('');

/** Nearly every sender writes the three parts without white space. */
const COMPACT_PROTOCOL = 'SIP/2.0/';

interface SentProtocol {
  protocol: string;
  version: string;
  transport: string;
  sentBy: string;
}

function parseSentProtocol(head: string): SentProtocol | undefined {
  if (head.startsWith(COMPACT_PROTOCOL)) {
    const gap = head.indexOf(' ');
    const transport = head.slice(COMPACT_PROTOCOL.length, gap);
    if (gap > 0 && isToken(transport)) {
      return {
        protocol: 'SIP',
        version: '2.0',
        transport: transport.toUpperCase(),
        sentBy: head.slice(gap + 1).trim(),
      };
    }
  }
  const match = /^([^\s/]+)\s*\/\s*([^\s/]+)\s*\/\s*([^\s/]+)\s+(\S.*)$/.exec(head);
  if (match === null) return undefined;
  const [, protocol = '', version = '', transport = '', sentBy = ''] = match;
  if (!isToken(protocol) || !isToken(version) || !isToken(transport)) return undefined;
  return {
    protocol: protocol.toUpperCase(),
    version,
    transport: transport.toUpperCase(),
    sentBy: sentBy.trim(),
  };
}

function rportOf(params: Parameters): number | undefined {
  const rport = params.get('rport');
  return rport === undefined ? undefined : (decimal(rport) ?? 0);
}

function unbracketed(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}

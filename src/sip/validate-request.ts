import { H, type HeaderLine } from './header-names.ts';
import { acceptsAny, mediaType } from './media-range.ts';
import type { SipMessage } from './message.ts';
import { reasonPhrase } from './reason-phrase.ts';
import { syntaxFault } from './syntax.ts';
import { isToken } from './token.ts';
import { isSipScheme, parseUri, uriScheme } from './uri.ts';
import { isAbsoluteUri } from './uri-text.ts';

/** Whether a request may be acted on, and the answer if not. */
export type Verdict =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly status: number;
      /** Reason phrase: the usual one, or what is wrong. */
      readonly reason: string;
      /** What the answer must carry beside what every response does. */
      readonly headers: readonly HeaderLine[];
    };

/** What the receiver can do; a rule that is left out refuses nothing. */
export interface RequestRules {
  /** Option tags that Require and Proxy-Require may name. */
  extensions?: readonly string[];
  methods?: readonly string[];
  /** Schemes of the Request-URI, `sip`, `sips` and `tel` when left out. */
  schemes?: readonly string[];
  /** Media types that a body may have. */
  contentTypes?: readonly string[];
  /** Media types of which the sender must accept one. */
  answerTypes?: readonly string[];
  maxBytes?: number;
  /** Whether the request will be relayed, so that it needs a hop left; true when left out. */
  isRelayed?: boolean;
}

const ACCEPTED: Verdict = { ok: true };
const DEFAULT_SCHEMES: readonly string[] = ['sip', 'sips', 'tel'];
const MAX_HOPS = 255;

type Check = (request: SipMessage, rules: RequestRules) => Verdict;

/** In the order of RFC 3261 §16.3 and §8.2: what cannot be read comes before what cannot be done. */
const CHECKS: readonly Check[] = [
  checkVersion,
  checkSize,
  checkStartLine,
  checkSyntax,
  checkScheme,
  checkHops,
  checkMethod,
  checkExtensions,
  checkContent,
  checkAccept,
];

/** Names the status code with which a request is to be refused (RFC 3261 §8.2, §16.3). */
export function validateRequest(request: SipMessage, rules: RequestRules = {}): Verdict {
  for (const check of CHECKS) {
    const verdict = check(request, rules);
    if (!verdict.ok) return verdict;
  }
  return ACCEPTED;
}

function refuse(
  status: number,
  reason: string = reasonPhrase(status),
  headers: readonly HeaderLine[] = [],
): Verdict {
  return { ok: false, status, reason, headers };
}

function checkVersion({ version }: SipMessage): Verdict {
  if (version === 'SIP/2.0' || version.toUpperCase() === 'SIP/2.0') return ACCEPTED;
  return /^SIP\/\d+\.\d+$/i.test(version) ? refuse(505) : refuse(400, 'Malformed SIP-Version');
}

function checkSize(request: SipMessage, { maxBytes }: RequestRules): Verdict {
  return maxBytes === undefined || request.text.length <= maxBytes ? ACCEPTED : refuse(513);
}

/** RFC 3261 §19.1.1: a Request-URI has no header fields. */
function checkStartLine({ method, requestUri }: SipMessage): Verdict {
  if (!isToken(method)) return refuse(400, 'Malformed Method');
  const isMalformedSip = isSipScheme(requestUri) && parseUri(requestUri)?.headers.text !== '';
  return isMalformedSip || !isAbsoluteUri(requestUri) ? refuse(400, 'Malformed Request-URI') : ACCEPTED;
}

function checkSyntax(request: SipMessage): Verdict {
  const fault = syntaxFault(request);
  if (fault !== undefined) return refuse(400, fault);
  if (request.cseqMethod !== request.method) return refuse(400, 'CSeq Method Mismatch');
  const isWildcard = request.list(H.Contact).includes('*');
  return isWildcard && request.method !== 'REGISTER' ? refuse(400, 'Malformed Contact') : ACCEPTED;
}

function checkScheme({ requestUri }: SipMessage, { schemes = DEFAULT_SCHEMES }: RequestRules): Verdict {
  return schemes.includes(uriScheme(requestUri)) ? ACCEPTED : refuse(416);
}

/** RFC 3261 §16.3 item 3; a request without Max-Forwards is one of RFC 2543 and passes. */
function checkHops(request: SipMessage, { isRelayed = true }: RequestRules): Verdict {
  const given = request.get(H.MaxForwards);
  if (given === undefined) return ACCEPTED;
  const hops = request.maxForwards;
  if (hops === undefined || hops > MAX_HOPS) return refuse(400, 'Malformed Max-Forwards');
  return hops === 0 && isRelayed ? refuse(483) : ACCEPTED;
}

function checkMethod({ method }: SipMessage, { methods }: RequestRules): Verdict {
  if (methods === undefined || methods.includes(method)) return ACCEPTED;
  return refuse(405, undefined, [[H.Allow, methods.join(', ')]]);
}

/** RFC 3261 §8.2.2.3: an ACK or a CANCEL is not refused for what it requires. */
function checkExtensions(request: SipMessage, { extensions }: RequestRules): Verdict {
  if (extensions === undefined || request.method === 'ACK' || request.method === 'CANCEL') return ACCEPTED;
  const required = [...request.list(H.Require), ...request.list(H.ProxyRequire)];
  const unsupported = required.filter((tag) => !extensions.includes(tag.toLowerCase()));
  return unsupported.length === 0
    ? ACCEPTED
    : refuse(420, undefined, [[H.Unsupported, unsupported.join(', ')]]);
}

/** RFC 3261 §8.2.3. */
function checkContent(request: SipMessage, { contentTypes }: RequestRules): Verdict {
  if (contentTypes === undefined || request.body === '') return ACCEPTED;
  const encoding = (request.get(H.ContentEncoding) ?? 'identity').toLowerCase();
  if (encoding !== 'identity') return refuse(415, undefined, [[H.AcceptEncoding, 'identity']]);
  if (contentTypes.includes(mediaType(request.contentType))) return ACCEPTED;
  return refuse(415, undefined, [[H.Accept, contentTypes.join(', ')]]);
}

/** RFC 3261 §20.1: without an Accept the sender takes what it knows. */
function checkAccept(request: SipMessage, { answerTypes }: RequestRules): Verdict {
  if (answerTypes === undefined || request.get(H.Accept) === undefined) return ACCEPTED;
  return acceptsAny(request.list(H.Accept), answerTypes) ? ACCEPTED : refuse(406);
}

export { buildRequest, buildResponse, type Body, type RequestParts, type ResponseParts } from './build.ts';
export { parseCSeq, type CSeq } from './cseq.ts';
export {
  answerDigest,
  parseDigestChallenge,
  type DigestChallenge,
  type DigestHashes,
  type DigestRequest,
  type HexHash,
} from './digest.ts';
export { escapeHeaderValue, unescape } from './escaping.ts';
export { flat } from './flat.ts';
export { H, headerId, headerName, type HeaderId, type HeaderLine } from './header-names.ts';
export { cutList } from './header-list.ts';
export { bracketed, isIPv4, isIPv6, parseHostPort, type HostPort } from './host.ts';
export { MAGIC_COOKIE, MAX_MESSAGE_LENGTH, parseMessage, SipMessage } from './message.ts';
export { MessageEdit } from './message-edit.ts';
export { formatNameAddr, NameAddr, parseNameAddr, uriOf } from './name-addr.ts';
export { headerParam, Parameters, withoutParam, withParam } from './parameters.ts';
export { ParseFailure, type ParseFailureCode } from './parse-failure.ts';
export { formatRAck, parseRAck, type RAck } from './rack.ts';
export { reasonPhrase } from './reason-phrase.ts';
export { formatReason, parseReason, type Reason } from './reason.ts';
export { formatReplaces, parseReplaces, type Replaces } from './replaces.ts';
export { parseRetryAfter, type RetryAfter } from './retry-after.ts';
export {
  formatSessionExpires,
  parseMinSE,
  parseSessionExpires,
  type SessionExpires,
} from './session-expires.ts';
export { isToken, lowerTokens } from './token.ts';
export { areUrisEqual } from './uri-equality.ts';
export { parseUri, removeUriParam, SipUri, uriScheme } from './uri.ts';
export { formatVia, parseVia, type Via, type ViaFields } from './via.ts';
export {
  step,
  type ClientTransaction,
  type ServerTransaction,
  type Transaction,
} from './transaction/transaction.ts';
export { createInviteClient, hasProvisional } from './transaction/invite-client.ts';
export { createInviteServer } from './transaction/invite-server.ts';
export { createNonInviteClient } from './transaction/non-invite-client.ts';
export { createNonInviteServer } from './transaction/non-invite-server.ts';
export { cancelKey, clientKey, clientKeyOf, serverKey } from './transaction/key.ts';
export type { Effect } from './transaction/effect.ts';
export type { Input } from './transaction/input.ts';
export { DEFAULT_TIMERS, type TimerConfig, type TimerName } from './transaction/timers.ts';
export { validateRequest, type RequestRules, type Verdict } from './validate-request.ts';
export { validateResponse, type ResponseRules, type ResponseVerdict } from './validate-response.ts';

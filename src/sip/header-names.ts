/** Small numbers of the header fields that SIP code reads or writes; compact and long forms share one. */
export const H = {
  /** Any header field without a number of its own. */
  Other: 0,
  /** A line that is no header field: no colon, or a name that is no token. */
  Malformed: 1,
  Via: 2,
  From: 3,
  To: 4,
  CallId: 5,
  CSeq: 6,
  Contact: 7,
  MaxForwards: 8,
  Route: 9,
  RecordRoute: 10,
  ContentLength: 11,
  ContentType: 12,
  ContentEncoding: 13,
  ContentDisposition: 14,
  ContentLanguage: 15,
  Allow: 16,
  AllowEvents: 17,
  Supported: 18,
  Require: 19,
  ProxyRequire: 20,
  Unsupported: 21,
  SessionExpires: 22,
  MinSE: 23,
  RAck: 24,
  RSeq: 25,
  Reason: 26,
  RetryAfter: 27,
  Replaces: 28,
  ReferTo: 29,
  ReferredBy: 30,
  ReferSub: 31,
  TargetDialog: 32,
  Join: 33,
  Event: 34,
  SubscriptionState: 35,
  Expires: 36,
  MinExpires: 37,
  UserAgent: 38,
  Server: 39,
  Date: 40,
  Timestamp: 41,
  Accept: 42,
  AcceptEncoding: 43,
  AcceptLanguage: 44,
  Authorization: 45,
  ProxyAuthorization: 46,
  WWWAuthenticate: 47,
  ProxyAuthenticate: 48,
  AuthenticationInfo: 49,
  Path: 50,
  ServiceRoute: 51,
  PAssertedIdentity: 52,
  PPreferredIdentity: 53,
  RemotePartyId: 54,
  Privacy: 55,
  Diversion: 56,
  HistoryInfo: 57,
  Identity: 58,
  Subject: 59,
  Warning: 60,
  Organization: 61,
  Priority: 62,
  InReplyTo: 63,
  AlertInfo: 64,
  CallInfo: 65,
  ErrorInfo: 66,
  MimeVersion: 67,
  AcceptContact: 68,
  RejectContact: 69,
  RequestDisposition: 70,
} as const;

/** One of the numbers in `H`. */
export type HeaderId = (typeof H)[keyof typeof H];

/** A header field to write: a number of `H` or a name of its own, and the value. */
export type HeaderLine = readonly [header: HeaderId | string, value: string];

/** Written names that are not the key of `H` cut before each capital letter. */
const IRREGULAR: Readonly<Partial<Record<keyof typeof H, string>>> = {
  CallId: 'Call-ID',
  CSeq: 'CSeq',
  MinSE: 'Min-SE',
  RAck: 'RAck',
  RSeq: 'RSeq',
  WWWAuthenticate: 'WWW-Authenticate',
  RemotePartyId: 'Remote-Party-ID',
  MimeVersion: 'MIME-Version',
};

/** RFC 3261 §7.3.3 and the IANA registry of compact forms. */
const COMPACT: readonly (readonly [string, HeaderId])[] = [
  ['a', H.AcceptContact],
  ['b', H.ReferredBy],
  ['c', H.ContentType],
  ['d', H.RequestDisposition],
  ['e', H.ContentEncoding],
  ['f', H.From],
  ['i', H.CallId],
  ['j', H.RejectContact],
  ['k', H.Supported],
  ['l', H.ContentLength],
  ['m', H.Contact],
  ['o', H.Event],
  ['r', H.ReferTo],
  ['s', H.Subject],
  ['t', H.To],
  ['u', H.AllowEvents],
  ['v', H.Via],
  ['x', H.SessionExpires],
  ['y', H.Identity],
];

const NAMES: readonly string[] = (Object.keys(H) as (keyof typeof H)[]).map(
  (key) => IRREGULAR[key] ?? key.replace(/(?<=.)[A-Z]/g, '-$&'),
);

/** The names, long and compact, as a tree of characters in both cases: `NEXT[node * 128 + code]` is the next node, 0 none. */
const NEXT: Uint16Array = new Uint16Array(640 * 128);

/** Number of the name that ends at a node, `H.Other` where none does. */
const ID_AT: Uint8Array = new Uint8Array(640);

plantNames();

function plantNames(): void {
  let nodes = 1;
  const plant = (name: string, id: HeaderId): void => {
    let node = 0;
    for (const character of name) {
      const lower = (node << 7) | character.toLowerCase().charCodeAt(0);
      const upper = (node << 7) | character.toUpperCase().charCodeAt(0);
      if (NEXT[lower] === 0) NEXT[lower] = nodes++;
      node = NEXT[upper] = NEXT[lower] ?? 0;
    }
    ID_AT[node] = id;
  };
  for (const id of Object.values(H)) if (id > H.Malformed) plant(headerName(id), id);
  for (const [letter, id] of COMPACT) plant(letter, id);
}

/** Goes down the tree by one character of a name, from node 0 at its first; 0 when no name goes on so. */
export function nextNameNode(node: number, code: number): number {
  return code < 128 ? (NEXT[(node << 7) | code] ?? 0) : 0;
}

/** Number of the header whose name ends at this node; `H.Other` if none does. */
export function headerAtNode(node: number): HeaderId {
  return (ID_AT[node] ?? 0) as HeaderId;
}

/** Long form of a header name as it is written, such as `Call-ID`. */
export function headerName(id: HeaderId): string {
  return NAMES[id] ?? '';
}

/** Number of a header name in any case, long or compact; `H.Other` if it has none. */
export function headerId(name: string): HeaderId {
  let node = 0;
  for (let at = 0; at < name.length; at++) {
    node = nextNameNode(node, name.charCodeAt(at));
    if (node === 0) return H.Other;
  }
  return headerAtNode(node);
}

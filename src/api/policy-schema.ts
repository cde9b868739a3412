import { parsePeer, PEER } from './address.ts';
import type {
  ProxyConfig,
  RouteConfig,
  SipTransport,
  TargetAddress,
  TargetBalance,
  TargetConfig,
  TargetCredentials,
  TargetProbe,
} from './proxy-config-type.ts';
import { list, MOST_ENTRIES, object } from './schema.ts';
import type { Field, Fields, Schema } from './schema.ts';
import { choice, duration, flag, integer, line, name, network, textAs } from './schema-value.ts';

/** Port of SIP (RFC 3261 §19.1.2). */
export const SIP_PORT = 5060;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const HOUR_SECONDS = 3600;
/** A request without an answer is given up by itself after 64 x T1, 32 s (RFC 3261 §17.1.2.2). */
const MOST_TIMEOUT_SECONDS = 30;
const MOST_IN_A_ROW = 100;

/** One address of a target. */
export const targetAddress: Schema<TargetAddress> = textAs(
  'host:port, perhaps with ;transport=tcp',
  parseTarget,
  {
    pattern: `^${PEER}(;[Tt][Rr][Aa][Nn][Ss][Pp][Oo][Rr][Tt]=([Uu][Dd][Pp]|[Tt][Cc][Pp]))?$`,
    maxLength: 275,
  },
);

function parseTarget(text: string): TargetAddress | undefined {
  const [where = '', parameter, ...rest] = text.split(';');
  const at = parsePeer(where, SIP_PORT);
  const transport =
    parameter === undefined ? 'udp' : /^transport=(udp|tcp)$/i.exec(parameter)?.[1]?.toLowerCase();
  if (!at || transport === undefined || rest.length > 0) return undefined;
  return { ...at, transport: transport === 'tcp' ? 'TCP' : 'UDP' };
}

/** Copies of dialogs. */
export const replicationFields: Fields<ProxyConfig['replication']> = {
  factor: { schema: integer(0, 16), doc: 'Copies of each dialog beside the one of its owner.', fallback: 2 },
  durability: {
    schema: choice(['acknowledged', 'async']),
    doc: 'acknowledged: an answer is relayed once a standby holds what it agrees on. async: nothing waits, and a call that is answered in the moment of a death may be lost.',
    fallback: 'acknowledged',
  },
  protectTimeoutMs: {
    schema: duration(1, MINUTE_MS),
    key: 'protectTimeout',
    doc: 'Longest wait for a standby before an answer is relayed all the same, and counted as unprotected.',
    fallback: '50ms',
  },
};

/** Transports of a listener. */
export const transports: Field<readonly SipTransport[]> = {
  schema: list(choice(['UDP', 'TCP']), 1, 2),
  doc: 'Transports of the listener, all on its port.',
  fallback: ['UDP'],
};

/** How calls are moved. */
export const rehoming: Field<ProxyConfig['rehoming']> = {
  schema: object<ProxyConfig['rehoming']>({
    method: {
      schema: choice(['Reinvite', 'Update', 'Auto']),
      doc: 'The request that moves a leg. Reinvite: a re-INVITE with the last SDP, which every phone understands. Update: an UPDATE without SDP, for peers whose Allow names it. Auto: UPDATE where the peer is known to honour it, else a re-INVITE, and the other one once if it is refused.',
      fallback: 'Reinvite',
    },
    legsPerSecond: {
      schema: integer(1, 1_000_000),
      doc: 'Legs that one pod moves in a second, at most: what a burst after a death may cost the rest of the traffic.',
      fallback: 4_000,
    },
    perPeer: {
      schema: object<ProxyConfig['rehoming']['perPeer']>({
        legsPerSecond: {
          schema: integer(1, 1_000_000),
          doc: 'Legs moved in a second at one address, at most.',
          fallback: 1_000,
        },
        maxInFlight: {
          schema: integer(1, 1_000_000),
          doc: 'Legs of one address whose answers are waited for at once, at most.',
          fallback: 200,
        },
      }),
      doc: 'The pace towards one address, so that a trunk with a rate limit is not flooded.',
      fallback: {},
    },
  }),
  doc: 'How calls are moved to another pod: by which request in the dialog the endpoints learn their new address, and at what pace.',
  fallback: {},
};

/** When a dead pod is replaced. */
export const failoverFields: Fields<ProxyConfig['failover']> = {
  suspectAfterMs: {
    schema: duration(100, MINUTE_MS),
    key: 'suspectAfter',
    doc: 'Silence after which a pod counts as dead. A death that closes its connections shows at once. Less than 1s takes the pauses of a busy node for deaths.',
    fallback: '1s',
  },
  delayMs: {
    schema: duration(0, HOUR_MS),
    key: 'delay',
    doc: 'Wait between the proof of a death and the claim to its tags, for a process that may be back in a moment.',
    fallback: '0s',
  },
  trustReset: {
    schema: flag,
    doc: 'Whether a connection that closes, and is refused when it is tried again, proves a death without waiting for silence.',
    fallback: true,
  },
};

/** What the far side may see. */
export const topologyHiding: Field<ProxyConfig['topologyHiding']> = {
  schema: object<ProxyConfig['topologyHiding']>({
    callId: {
      schema: choice(['pass', 'mask']),
      doc: 'pass: both legs have the same Call-ID and tags. mask: each leg gets its own.',
      fallback: 'pass',
    },
  }),
  doc: 'What one side of a call may see of the other. Via, Record-Route, Route and Contact are always hidden.',
  fallback: {},
};

/** SIP timers. */
export const sip: Field<ProxyConfig['sip']> = {
  schema: object<ProxyConfig['sip']>({
    t1Ms: {
      schema: duration(10, MINUTE_MS),
      key: 't1',
      doc: 'Timer T1 of RFC 3261: the round trip after which a message over UDP is sent again.',
      fallback: '500ms',
    },
    t2Ms: {
      schema: duration(10, MINUTE_MS),
      key: 't2',
      doc: 'Timer T2 of RFC 3261: the longest pause between two retransmissions.',
      fallback: '4s',
    },
    t4Ms: {
      schema: duration(10, MINUTE_MS),
      key: 't4',
      doc: 'Timer T4 of RFC 3261: how long a message may stay in the network.',
      fallback: '5s',
    },
  }),
  doc: 'Timers of SIP transactions (RFC 3261 17).',
  fallback: {},
};

/** Log lines. */
export const log: Field<ProxyConfig['log']> = {
  schema: object<ProxyConfig['log']>({
    level: {
      schema: choice(['error', 'warn', 'info', 'debug']),
      doc: 'Lowest level that is written.',
      fallback: 'info',
    },
  }),
  doc: 'Log lines on standard output.',
  fallback: {},
};

/** Bounds. */
export const limits: Field<ProxyConfig['limits']> = {
  schema: object<ProxyConfig['limits']>({
    maxDialogs: {
      schema: integer(1, 10_000_000),
      doc: 'Dialogs that a pod carries, at most; further calls are refused with 503.',
      fallback: 200_000,
    },
    heldMessages: {
      schema: integer(0, 1_000_000),
      doc: 'Messages that a pod holds, at most, while the owner of their call is being chosen.',
      fallback: 10_000,
    },
  }),
  doc: 'What a pod takes upon itself at most.',
  fallback: {},
};

/** Which address of a target gets a new call. */
export const targetBalance: Field<TargetBalance | undefined> = {
  schema: choice(['Ordered', 'CallId']),
  doc: 'Which address is tried first: the first one (Ordered), or one that the Call-ID chooses, so that calls are spread and a repeated INVITE finds its server again (CallId).',
  optional: true,
};

/** How the addresses of a target are probed. */
export const targetProbe: Field<TargetProbe | undefined> = {
  schema: object<TargetProbe>({
    intervalSeconds: {
      schema: integer(1, HOUR_SECONDS),
      doc: 'Seconds from one OPTIONS to the next.',
      fallback: 5,
    },
    timeoutSeconds: {
      schema: integer(1, MOST_TIMEOUT_SECONDS),
      doc: 'Seconds of silence that count as a failure, as do 408 and 503.',
      fallback: 2,
    },
    failureThreshold: {
      schema: integer(1, MOST_IN_A_ROW),
      doc: 'Failures in a row after which an address is tried last.',
      fallback: 3,
    },
    successThreshold: {
      schema: integer(1, MOST_IN_A_ROW),
      doc: 'Answers in a row after which it has its place again.',
      fallback: 1,
    },
  }),
  doc: 'Asks each address by OPTIONS whether it is there; those that are down are tried last.',
  optional: true,
};

/** Where a target's credentials are. */
export const targetCredentials: Field<TargetCredentials | undefined> = {
  schema: object<TargetCredentials>({
    directory: { schema: line, doc: 'A folder with the files `username` and `password`.' },
  }),
  doc: 'What the pod answers with when the target asks for credentials (401, 407).',
  optional: true,
};

/** Groups of addresses. */
export const targets: Field<readonly TargetConfig[]> = {
  schema: list(
    object<TargetConfig>({
      name: { schema: name, doc: 'Name of the target, by which routes refer to it.' },
      addresses: {
        schema: list(targetAddress, 1),
        doc: 'host:port, perhaps ;transport=tcp; tried in order.',
      },
      balance: targetBalance,
      probe: targetProbe,
      credentials: targetCredentials,
    }),
  ),
  doc: 'Groups of addresses.',
  fallback: [],
};

/** Fields of a route; `shardGroup` puts its calls on tags of that group. */
export const routeFields: Fields<RouteConfig> = {
  from: { schema: name, doc: 'Name of the listener by which the request came.' },
  match: {
    schema: object<{ requestUri?: string; source?: readonly string[] }>({
      requestUri: {
        schema: line,
        doc: 'Pattern on user@host of the Request-URI, such as +49*@*; * stands for anything.',
        optional: true,
      },
      source: {
        schema: list(network, 1, MOST_ENTRIES),
        doc: 'Networks of which the request must come from one.',
        optional: true,
      },
    }),
    doc: 'What the request must look like besides; all that is given must hold.',
    optional: true,
  },
  to: { schema: name, doc: 'Name of the target that gets the request.' },
  via: { schema: name, doc: 'Name of the listener that sends it on; that side of the call stays on it.' },
  shardGroup: {
    schema: name,
    doc: 'Group of DialogShards whose tags the calls of the route get; without it, tags of no group.',
    optional: true,
  },
};

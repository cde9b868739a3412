import { parseHostPort } from './address.ts';
import type {
  ProxyConfig,
  RouteConfig,
  SipTransport,
  TargetAddress,
  TargetConfig,
  TargetCredentials,
  TargetProbe,
} from './proxy-config-type.ts';
import { list, object } from './schema.ts';
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
);

function parseTarget(text: string): TargetAddress | undefined {
  const [where = '', parameter, ...rest] = text.split(';');
  const at = parseHostPort(where, SIP_PORT);
  const transport =
    parameter === undefined ? 'udp' : /^transport=(udp|tcp)$/i.exec(parameter)?.[1]?.toLowerCase();
  if (!at || transport === undefined || rest.length > 0) return undefined;
  return { ...at, transport: transport === 'tcp' ? 'TCP' : 'UDP' };
}

/** Copies of dialogs. */
export const replicationFields: Fields<ProxyConfig['replication']> = {
  factor: { schema: integer(0, 16), doc: 'Copies beside the owner.', fallback: 2 },
  durability: {
    schema: choice(['acknowledged', 'async']),
    doc: 'async never waits for a standby.',
    fallback: 'acknowledged',
  },
  protectTimeoutMs: {
    schema: duration(1, MINUTE_MS),
    key: 'protectTimeout',
    doc: 'Longest wait for a standby.',
    fallback: '50ms',
  },
};

/** Transports of a listener. */
export const transports: Field<readonly SipTransport[]> = {
  schema: list(choice(['UDP', 'TCP']), 1),
  doc: 'Transports of the listener.',
  fallback: ['UDP'],
};

/** How calls are moved. */
export const rehoming: Field<ProxyConfig['rehoming']> = {
  schema: object<ProxyConfig['rehoming']>({
    method: {
      schema: choice(['Reinvite', 'Update', 'Auto']),
      doc: 'The request that moves a leg.',
      fallback: 'Reinvite',
    },
    legsPerSecond: {
      schema: integer(1, 1_000_000),
      doc: 'Legs moved per second by this pod.',
      fallback: 4_000,
    },
    perPeer: {
      schema: object<ProxyConfig['rehoming']['perPeer']>({
        legsPerSecond: {
          schema: integer(1, 1_000_000),
          doc: 'Legs moved per second at one address.',
          fallback: 1_000,
        },
        maxInFlight: {
          schema: integer(1, 1_000_000),
          doc: 'Legs of one address asked at once.',
          fallback: 200,
        },
      }),
      doc: 'Limits towards one address.',
      fallback: {},
    },
  }),
  doc: 'How calls are moved.',
  fallback: {},
};

/** When a dead pod is replaced. */
export const failoverFields: Fields<ProxyConfig['failover']> = {
  suspectAfterMs: {
    schema: duration(100, MINUTE_MS),
    key: 'suspectAfter',
    doc: 'Silence after which a pod is dead.',
    fallback: '1s',
  },
  delayMs: {
    schema: duration(0, HOUR_MS),
    key: 'delay',
    doc: 'Wait between the proof of a death and the claim.',
    fallback: '0s',
  },
  trustReset: { schema: flag, doc: 'Closed and refused at once proves a death.', fallback: true },
};

/** What the far side may see. */
export const topologyHiding: Field<ProxyConfig['topologyHiding']> = {
  schema: object<ProxyConfig['topologyHiding']>({
    callId: {
      schema: choice(['pass', 'mask']),
      doc: 'mask gives each leg a Call-ID and tag of its own.',
      fallback: 'pass',
    },
  }),
  doc: 'What the far side may see.',
  fallback: {},
};

/** SIP timers. */
export const sip: Field<ProxyConfig['sip']> = {
  schema: object<ProxyConfig['sip']>({
    t1Ms: { schema: duration(10, MINUTE_MS), key: 't1', doc: 'Timer T1 of RFC 3261.', fallback: '500ms' },
    t2Ms: { schema: duration(10, MINUTE_MS), key: 't2', doc: 'Timer T2 of RFC 3261.', fallback: '4s' },
    t4Ms: { schema: duration(10, MINUTE_MS), key: 't4', doc: 'Timer T4 of RFC 3261.', fallback: '5s' },
  }),
  doc: 'SIP timers.',
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
      doc: 'Dialogs of this pod; more are refused with 503.',
      fallback: 200_000,
    },
    heldMessages: {
      schema: integer(0, 1_000_000),
      doc: 'Messages held while an owner is chosen.',
      fallback: 10_000,
    },
  }),
  doc: 'Bounds.',
  fallback: {},
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
      name: { schema: name, doc: 'Name of the target.' },
      addresses: {
        schema: list(targetAddress, 1),
        doc: 'host:port, perhaps ;transport=tcp; tried in order.',
      },
      probe: targetProbe,
      credentials: targetCredentials,
    }),
  ),
  doc: 'Groups of addresses.',
  fallback: [],
};

/** Fields of a route; `shardGroup` puts its calls on tags of that group. */
export const routeFields: Fields<RouteConfig> = {
  from: { schema: name, doc: 'Listener by which the request came.' },
  match: {
    schema: object<{ requestUri?: string; source?: readonly string[] }>({
      requestUri: {
        schema: line,
        doc: 'Pattern on user@host of the Request-URI; * stands for anything.',
        optional: true,
      },
      source: { schema: list(network, 1), doc: 'Networks that the request must come from.', optional: true },
    }),
    doc: 'What the request must look like beside.',
    optional: true,
  },
  to: { schema: name, doc: 'Target that gets the request.' },
  via: { schema: name, doc: 'Listener that sends it.' },
  shardGroup: {
    schema: name,
    doc: 'New calls of the route get a tag of this group; without it, a tag of no group.',
    optional: true,
  },
};

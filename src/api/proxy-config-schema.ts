import { parseHostPort } from './address.ts';
import type {
  ListenerConfig,
  MemberConfig,
  MeshKey,
  ProxyConfig,
  RouteConfig,
  TargetAddress,
  TargetConfig,
} from './proxy-config-type.ts';
import type { HostPort } from './address.ts';
import { list, object, record } from './schema.ts';
import type { Draft, Schema } from './schema.ts';
import {
  choice,
  duration,
  flag,
  host,
  hostPort,
  integer,
  ipAddress,
  line,
  name,
  network,
  port,
  secret,
  textAs,
} from './schema-value.ts';

/** A config document as it is written: defaults that depend on other settings are not filled in. */
export interface ProxyDocument extends Omit<ProxyConfig, 'shards' | 'mesh' | 'listeners' | 'routes'> {
  shards: number | readonly string[];
  mesh: Omit<ProxyConfig['mesh'], 'bind' | 'keys'> & { bind?: HostPort; keys?: readonly MeshKey[] };
  listeners: readonly ListenerDocument[];
  routes: readonly RouteConfig[];
}

/** A listener as it is written. */
export interface ListenerDocument extends Omit<ListenerConfig, 'advertise'> {
  advertise?: { address?: string; port?: number };
}

const ROLES = ['proxy', 'witness'] as const;
const SIP_PORT = 5060;
const MAX_SHARDS = 1024;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** A key of the mesh. */
export const meshKey: Schema<MeshKey> = object<MeshKey>({
  id: { schema: name, doc: 'Id of the key.' },
  secret: { schema: secret, doc: 'The shared secret.' },
});

const target: Schema<TargetAddress> = textAs('host:port, perhaps with ;transport=tcp', parseTarget);

function parseTarget(text: string): TargetAddress | undefined {
  const [where = '', parameter, ...rest] = text.split(';');
  const at = parseHostPort(where, SIP_PORT);
  const transport =
    parameter === undefined ? 'udp' : /^transport=(udp|tcp)$/i.exec(parameter)?.[1]?.toLowerCase();
  if (!at || transport === undefined || rest.length > 0) return undefined;
  return { ...at, transport: transport === 'tcp' ? 'TCP' : 'UDP' };
}

const shards: Schema<number | readonly string[]> = {
  json: {
    oneOf: [
      { type: 'integer', minimum: 1, maximum: MAX_SHARDS },
      { type: 'array', items: name.json, minItems: 1 },
    ],
  },
  read(given, place): Draft<number | readonly string[]> | undefined {
    return Array.isArray(given)
      ? list(name, 1).read(given, place)
      : integer(1, MAX_SHARDS).read(given, place);
  },
};

const listener: Schema<ListenerDocument> = object<ListenerDocument>({
  name: { schema: name, doc: 'Name of the listener; the same name on all pods has the same purpose.' },
  bind: { schema: ipAddress, doc: 'Address to bind, IPv4 or IPv6.' },
  port: { schema: port, doc: 'Port to bind.', fallback: SIP_PORT },
  transports: {
    schema: list(choice(['UDP', 'TCP']), 1),
    doc: 'Transports of the listener.',
    fallback: ['UDP'],
  },
  advertise: {
    schema: object<{ address?: string; port?: number }>({
      address: {
        schema: host,
        doc: 'Address that endpoints are told; the bound one if left out.',
        optional: true,
      },
      port: { schema: port, doc: 'Port that endpoints are told; the bound one if left out.', optional: true },
    }),
    doc: 'Address that endpoints are told, where it is not the bound one.',
    optional: true,
  },
});

const route: Schema<RouteConfig> = object<RouteConfig>({
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
});

/** The schema of a static-mode config file. */
export const proxySchema: Schema<ProxyDocument> = object<ProxyDocument>({
  cluster: { schema: name, doc: 'Name of the cluster.' },
  pod: { schema: name, doc: 'Name of this pod, as the roster has it.' },
  role: { schema: choice(ROLES), doc: 'A witness votes and carries no calls.', fallback: 'proxy' },
  dataDir: { schema: line, doc: 'Folder of the voter file; it must survive a restart.' },
  roster: {
    schema: object<ProxyConfig['roster']>({
      number: { schema: integer(1, 2 ** 31), doc: 'Grows with each change of the members.', fallback: 1 },
      members: {
        schema: list(
          object<MemberConfig>({
            pod: { schema: name, doc: 'Name of the member.' },
            role: { schema: choice(ROLES), doc: 'A witness votes and carries no calls.', fallback: 'proxy' },
            mesh: { schema: hostPort, doc: 'host:port of its mesh, TCP and UDP.' },
          }),
          1,
        ),
        doc: 'The voters; an odd number.',
      },
    }),
    doc: 'The voters of the cluster; the same in all files.',
  },
  shards: { schema: shards, doc: 'Number of sharing tags, or their names.', fallback: 12 },
  placement: {
    schema: record(name),
    doc: 'Which pod owns a tag at first; the others are spread.',
    fallback: {},
  },
  mesh: {
    schema: object<ProxyDocument['mesh']>({
      bind: { schema: hostPort, doc: 'Address to bind; that of the roster if left out.', optional: true },
      keys: {
        schema: list(meshKey, 1),
        doc: 'Keys of the mesh; the first is used to connect, all are accepted.',
        optional: true,
      },
      keyFile: {
        schema: line,
        doc: 'A file with one key a line, "id secret", instead of keys.',
        optional: true,
      },
      probeIntervalMs: {
        schema: duration(10, MINUTE_MS),
        key: 'probeInterval',
        doc: 'How often each member is probed.',
        fallback: '100ms',
      },
      isolationAfterMs: {
        schema: duration(50, MINUTE_MS),
        key: 'isolationAfter',
        doc: 'Length of a lease, at most 0.8 x suspectAfter.',
        optional: true,
      },
    }),
    doc: 'The links between pods.',
  },
  listeners: { schema: list(listener), doc: 'Where SIP is taken.', fallback: [] },
  routes: { schema: list(route), doc: 'Where new requests go; the first match wins.', fallback: [] },
  targets: {
    schema: list(
      object<TargetConfig>({
        name: { schema: name, doc: 'Name of the target.' },
        addresses: { schema: list(target, 1), doc: 'host:port, perhaps ;transport=tcp; tried in order.' },
      }),
    ),
    doc: 'Groups of addresses.',
    fallback: [],
  },
  replication: {
    schema: object<ProxyConfig['replication']>({
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
    }),
    doc: 'Copies of dialogs.',
    fallback: {},
  },
  rehoming: {
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
  },
  failover: {
    schema: object<ProxyConfig['failover']>({
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
    }),
    doc: 'When a dead pod is replaced.',
    fallback: {},
  },
  topologyHiding: {
    schema: object<ProxyConfig['topologyHiding']>({
      callId: {
        schema: choice(['pass', 'mask']),
        doc: 'mask gives each leg a Call-ID and tag of its own.',
        fallback: 'pass',
      },
    }),
    doc: 'What the far side may see.',
    fallback: {},
  },
  sip: {
    schema: object<ProxyConfig['sip']>({
      t1Ms: { schema: duration(10, MINUTE_MS), key: 't1', doc: 'Timer T1 of RFC 3261.', fallback: '500ms' },
      t2Ms: { schema: duration(10, MINUTE_MS), key: 't2', doc: 'Timer T2 of RFC 3261.', fallback: '4s' },
      t4Ms: { schema: duration(10, MINUTE_MS), key: 't4', doc: 'Timer T4 of RFC 3261.', fallback: '5s' },
    }),
    doc: 'SIP timers.',
    fallback: {},
  },
  http: {
    schema: object<ProxyConfig['http']>({
      bind: { schema: hostPort, doc: 'host:port of health, metrics and debug.', fallback: '127.0.0.1:9090' },
    }),
    doc: 'Health, metrics and debug.',
    fallback: {},
  },
  log: {
    schema: object<ProxyConfig['log']>({
      level: {
        schema: choice(['error', 'warn', 'info', 'debug']),
        doc: 'Lowest level that is written.',
        fallback: 'info',
      },
    }),
    doc: 'Log lines on standard output.',
    fallback: {},
  },
  limits: {
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
  },
});

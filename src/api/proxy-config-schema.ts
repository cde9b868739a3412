import { parseAdvertised, type HostPort } from './address.ts';
import {
  failoverFields,
  limits,
  log,
  rehoming,
  replicationFields,
  routeFields,
  SIP_PORT,
  sip,
  targets,
  topologyHiding,
  transports,
} from './policy-schema.ts';
import type { ListenerConfig, MemberConfig, MeshKey, ProxyConfig, RouteConfig } from './proxy-config-type.ts';
import { list, object, record, Refusal, value } from './schema.ts';
import type { Draft, Schema } from './schema.ts';
import {
  anyLine,
  choice,
  duration,
  flag,
  hostPort,
  integer,
  ipAddress,
  line,
  name,
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
  /** Added to all ports of the pod's own. */
  portOffset: number;
}

/** A listener as it is written. */
export interface ListenerDocument extends Omit<ListenerConfig, 'advertise' | 'told'> {
  advertise?: { address?: string; port?: number; told?: boolean };
}

const ROLES = ['proxy', 'witness'] as const;
const MAX_SHARDS = 1024;
const MAX_PORT_OFFSET = 60_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** A key of the mesh, or of tokens. */
export const meshKey: Schema<MeshKey> = object<MeshKey>({
  id: { schema: name, doc: 'Id of the key.' },
  secret: { schema: secret, doc: 'The shared secret.' },
});

/** A number, or the text of one, since what stands for a variable of the environment is a text. */
const portOffset: Schema<number> = value(
  {
    oneOf: [
      { type: 'integer', minimum: 0, maximum: MAX_PORT_OFFSET },
      { type: 'string', pattern: '^(\\d{1,5}|\\$\\(PORT_OFFSET\\))$' },
    ],
  },
  (given) => {
    const offset = typeof given === 'string' && /^\d{1,5}$/.test(given) ? Number(given) : given;
    if (typeof offset === 'number' && Number.isInteger(offset) && offset >= 0 && offset <= MAX_PORT_OFFSET)
      return offset;
    return new Refusal('CONFIG_VALUE', `must be a whole number from 0 to ${MAX_PORT_OFFSET}`);
  },
);

const shards: Schema<number | readonly string[]> = {
  json: {
    oneOf: [
      { type: 'integer', minimum: 1, maximum: MAX_SHARDS },
      { type: 'array', items: name.json },
    ],
  },
  read(given, place): Draft<number | readonly string[]> | undefined {
    return Array.isArray(given) ? list(name).read(given, place) : integer(1, MAX_SHARDS).read(given, place);
  },
};

const advertisedAddress: Schema<string> = textAs('host or host:port', (text) =>
  parseAdvertised(text) === undefined ? undefined : text,
);

const listener: Schema<ListenerDocument> = object<ListenerDocument>({
  name: { schema: name, doc: 'Name of the listener; the same name on all pods has the same purpose.' },
  bind: { schema: ipAddress, doc: 'Address to bind, IPv4 or IPv6.' },
  port: { schema: port, doc: 'Port to bind.', fallback: SIP_PORT },
  transports,
  advertise: {
    schema: object<NonNullable<ListenerDocument['advertise']>>({
      address: {
        schema: advertisedAddress,
        doc: 'Address that endpoints are told, perhaps with a port, which then goes for `port`; the bound one if left out.',
        optional: true,
      },
      port: { schema: port, doc: 'Port that endpoints are told; the bound one if left out.', optional: true },
      told: {
        schema: flag,
        doc: 'An operator says which address it is; until it has, the listener is closed and the pod is not ready.',
        optional: true,
      },
    }),
    doc: 'Address that endpoints are told, where it is not the bound one.',
    optional: true,
  },
});

/** The schema of a static-mode config file. */
export const proxySchema: Schema<ProxyDocument> = object<ProxyDocument>({
  cluster: { schema: name, doc: 'Name of the cluster.' },
  pod: { schema: name, doc: 'Name of this pod, as the roster has it.' },
  podUid: {
    schema: name,
    doc: 'Uid of this pod; the pod is then known to the mesh as NAME.FIRST-8-OF-UID.',
    optional: true,
  },
  node: { schema: anyLine, doc: 'Node that the pod runs on.', fallback: '' },
  zone: { schema: anyLine, doc: 'Zone of the node.', fallback: '' },
  managed: {
    schema: flag,
    doc: 'An operator sends roster, tags, routes, targets and pacing; the roster may be empty.',
    fallback: false,
  },
  role: { schema: choice(ROLES), doc: 'A witness votes and carries no calls.', fallback: 'proxy' },
  dataDir: { schema: line, doc: 'Folder of the voter file; it must survive a restart.' },
  roster: {
    schema: object<ProxyConfig['roster']>({
      number: { schema: integer(0, 2 ** 31), doc: 'Grows with each change of the members.', fallback: 1 },
      members: {
        schema: list(
          object<MemberConfig>({
            pod: { schema: name, doc: 'Name of the member.' },
            role: { schema: choice(ROLES), doc: 'A witness votes and carries no calls.', fallback: 'proxy' },
            mesh: { schema: hostPort, doc: 'host:port of its mesh, TCP and UDP.' },
          }),
        ),
        doc: 'The voters; an odd number.',
      },
    }),
    doc: 'The voters of the cluster; the same in all files.',
  },
  shards: { schema: shards, doc: 'Number of sharing tags, or their names.', fallback: 12 },
  shardGroups: {
    schema: record(name),
    doc: 'Group of a tag; calls come to it only by a route with that shardGroup.',
    fallback: {},
  },
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
  tokens: {
    schema: object<ProxyDocument['tokens']>({
      keys: {
        schema: list(meshKey, 1),
        doc: 'Keys of tokens; the first is used for new ones, all are accepted.',
        optional: true,
      },
      keyFile: {
        schema: line,
        doc: 'A file with one key a line, "id secret", instead of keys.',
        optional: true,
      },
    }),
    doc: 'Keys of the tokens in Contacts; those of the mesh if left out.',
    fallback: {},
  },
  listeners: { schema: list(listener), doc: 'Where SIP is taken.', fallback: [] },
  portOffset: {
    schema: portOffset,
    doc: 'Added to the port of every listener and to that of mesh.bind, control.bind and http.bind, where there is one; not to advertise.port.',
    fallback: 0,
  },
  routes: {
    schema: list(object<RouteConfig>(routeFields)),
    doc: 'Where new requests go; the first match wins.',
    fallback: [],
  },
  targets,
  replication: {
    schema: object<ProxyConfig['replication']>(replicationFields),
    doc: 'Copies of dialogs.',
    fallback: {},
  },
  rehoming,
  drain: {
    schema: object<ProxyConfig['drain']>({
      deletionWaitMs: {
        schema: duration(0, HOUR_MS),
        key: 'deletionWait',
        doc: 'How long a pod that is told to stop, and whose calls nobody can take, keeps them before it ends them.',
        fallback: '30s',
      },
    }),
    doc: 'What a pod does that is told to stop.',
    fallback: {},
  },
  failover: {
    schema: object<ProxyConfig['failover']>(failoverFields),
    doc: 'When a dead pod is replaced.',
    fallback: {},
  },
  topologyHiding,
  sip,
  http: {
    schema: object<ProxyConfig['http']>({
      bind: { schema: hostPort, doc: 'host:port of health, metrics and debug.', fallback: '127.0.0.1:9090' },
    }),
    doc: 'Health, metrics and debug.',
    fallback: {},
  },
  control: {
    schema: object<NonNullable<ProxyConfig['control']>>({
      bind: { schema: hostPort, doc: 'host:port of the control API, TLS with the keys of the mesh.' },
    }),
    doc: 'The API by which an operator steers the pod; absent if left out.',
    optional: true,
  },
  log,
  limits,
});

import { hostPort, type SocketAddress } from './phone-address.ts';

/** Where one pod of a local cluster listens. */
export interface PodPlace {
  pod: string;
  /** Callers send here. */
  public: SocketAddress;
  /** Callees see this. */
  internal: SocketAddress;
  mesh: SocketAddress;
  http: SocketAddress;
}

/** What the pods of a local cluster have in common. */
export interface ClusterPlan {
  name: string;
  places: readonly PodPlace[];
  /** host:port of the callees, in the order in which they are tried. */
  callees: readonly string[];
  shards: number;
  dataDir: string;
}

/** A config file of `rehome proxy` as a document that tests may change before it is written. */
export type ConfigDocument = Record<string, unknown>;

const MESH_SECRET = 'a-key-of-this-machine-only-32-bytes';

/** The config file of one pod. */
export function staticConfig(plan: ClusterPlan, place: PodPlace): ConfigDocument {
  const { name, places, callees, shards, dataDir } = plan;
  return {
    cluster: name,
    pod: place.pod,
    dataDir: `${dataDir}/${place.pod}`,
    roster: { number: 1, members: places.map(({ pod, mesh }) => ({ pod, mesh: hostPort(mesh) })) },
    shards,
    mesh: { keys: [{ id: 'local', secret: MESH_SECRET }] },
    listeners: [listener('public', place.public), listener('internal', place.internal)],
    routes: [{ from: 'public', to: 'callees', via: 'internal' }],
    targets: [{ name: 'callees', addresses: [...callees] }],
    http: { bind: hostPort(place.http) },
  };
}

function listener(name: string, at: SocketAddress): ConfigDocument {
  return { name, bind: at.address, port: at.port, transports: ['UDP', 'TCP'] };
}

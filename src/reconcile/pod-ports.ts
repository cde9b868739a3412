import { CONTROL_PORT, HTTP_PORT, MESH_PORT, PORT_NAMES } from '../api/pod-ports.ts';
import type { SipTransport } from '../api/proxy-config-type.ts';
import type { ClusterListener, SipClusterSpec } from '../api/sip-cluster-type.ts';
import { digest } from './digest.ts';

/** Name of the port for the datagrams of the mesh. */
const PROBES = 'mesh-probes';
const LONGEST_NAME = 15;
/** What Kubernetes takes for the name of a port (RFC 6335 §5.1, small letters). */
const PORT_NAME = /^[a-z](?:-?[a-z0-9])*$/;

/** A port of a container, a Service or a NetworkPolicy by number, and by its name in the pod. */
export interface PodPort {
  name: string;
  port: number;
  protocol: SipTransport;
}

/** The ports of the listeners, of all or of those that are named. */
export function sipPorts(listeners: readonly ClusterListener[]): PodPort[] {
  return listeners.flatMap(({ name, port, transports }) =>
    transports.map((protocol) => ({ name: sipPortName(name, protocol), port, protocol })),
  );
}

/** The ports of the mesh. */
export const MESH_PORTS: readonly PodPort[] = [
  { name: PORT_NAMES.mesh, port: MESH_PORT, protocol: 'TCP' },
  { name: PROBES, port: MESH_PORT, protocol: 'UDP' },
];

/** The port by which the operator commands a pod, and that of health, metrics and debug. */
export const CONTROL: PodPort = { name: PORT_NAMES.control, port: CONTROL_PORT, protocol: 'TCP' };
export const HTTP: PodPort = { name: PORT_NAMES.http, port: HTTP_PORT, protocol: 'TCP' };

/** The ports of a pod's container; `offset` is what this pod adds to every port of its own. */
export function containerPorts(listeners: readonly ClusterListener[], offset: number): object[] {
  const ofNode = new Set(listeners.filter(({ hostPort }) => hostPort).map(({ port }) => port));
  return [
    ...sipPorts(listeners).map(({ name, port, protocol }) => ({
      name,
      containerPort: port + offset,
      protocol,
      ...(ofNode.has(port) && { hostPort: port + offset }),
    })),
    ...[...MESH_PORTS, CONTROL, HTTP].map(({ name, port, protocol }) => ({
      name,
      containerPort: port + offset,
      protocol,
    })),
  ];
}

/** How others name a port of any pod: by number, by name where the pods of a cluster differ. */
export function portOfPods(
  { portStep }: Pick<SipClusterSpec, 'portStep'>,
  { name, port }: PodPort,
): number | string {
  return portStep === 0 ? port : name;
}

/** `<listener>-udp` if that can be the name of a port. */
function sipPortName(listener: string, protocol: SipTransport): string {
  const end = protocol.toLowerCase();
  const name = `${listener}-${end}`;
  return name.length <= LONGEST_NAME && PORT_NAME.test(name)
    ? name
    : `sip-${digest(listener).slice(0, 7)}-${end}`;
}

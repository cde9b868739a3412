import type { KubeEvent } from '../../kube/objects.ts';
import type { LocalNode } from './local-nodes.ts';

/** What a person is told at the start. */
export function welcomeText(cluster: {
  url: string;
  nodes: readonly LocalNode[];
  network: number;
  folder: string;
}): string {
  const { url, nodes, network, folder } = cluster;
  const names = nodes.map(({ name, zone }) => (zone === '' ? name : `${name} in ${zone}`));
  return `rehome local: Kubernetes on this machine
  nodes        ${names.join(', ')}
  pods         processes at 127.0.${network}.11 and up; 127.0.${network}.1 to .10 are free for phones
  API server   ${url}
  state, logs  ${folder}

In another terminal:
  rehome get pods -o wide         what runs, and where
  rehome get sipclusters          fleets of proxies
  rehome get dialogshards -w      which pod owns which calls
  rehome apply -f FILE            make a fleet, or change it
  rehome cordon POD|NODE          move calls away; uncordon takes it back
  rehome drain NODE               the same, then end its pods
  rehome kill POD                 kill -9
  rehome calls                    every call, and where it is
  rehome logs POD -f              what a pod writes
"rehome --help" lists all commands. Ctrl-C ends everything.

`;
}

const REASON_WIDTH = 18;
const OBJECT_WIDTH = 26;

/** One line of the live log. */
export function eventLine({ series, eventTime, type, reason, regarding, note }: KubeEvent): string {
  const time = new Date(series?.lastObservedTime ?? eventTime).toTimeString().slice(0, 8);
  const object = `${regarding.kind.toLowerCase()}/${regarding.name}`;
  const times = series === undefined ? '' : ` (x${series.count})`;
  return `${time}  ${type.padEnd('Warning'.length)}  ${reason.padEnd(REASON_WIDTH)} ${object.padEnd(OBJECT_WIDTH)} ${note}${times}\n`;
}

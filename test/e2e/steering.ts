import type { ControlHandOver, ControlReport, ControlState } from '../../src/api/control.ts';
import { hostPort } from '../../src/local/phone-address.ts';
import type { ConfigDocument, PodPlace } from '../../src/local/static-config.ts';
import type { StaticPod } from '../../src/local/static-pod.ts';
import { until } from '../../src/local/until.ts';
import { KeyRing } from '../../src/mesh/key-ring.ts';
import { ControlClient } from '../../src/operator/links/control-client.ts';

/** Where the control APIs of test pods listen. */
export const controlPort = 9091;
const KEY = { id: 'local', secret: Buffer.from('a-key-of-this-machine-only-32-bytes') };
const MOVED_WITHIN_MS = 20_000;

/** Gives a pod of a static cluster a control API. */
export function withControl(config: ConfigDocument, place: PodPlace): void {
  config['control'] = { bind: `${place.http.address}:${String(controlPort)}` };
}

/** What a pod is to be told beside what all are told. */
export interface Wish {
  /** Tags to hand over, and the pod that gets each. */
  handOver?: ReadonlyMap<string, string>;
  cordoned?: boolean;
  /** What its listeners advertise. */
  addresses?: NonNullable<ControlState['addresses']>;
}

/** A pod as it is known to the mesh, and where it is. */
export type Steered = Pick<StaticPod, 'name' | 'place'>;

/** The part of an operator that tests need: tells the pods of a static cluster what to do, and reads their reports. */
export class Steering {
  /** What all pods are told. */
  shared: Pick<ControlState, 'roster' | 'peers' | 'tags' | 'routes' | 'targets' | 'rehoming'>;
  readonly #clients = new Map<string, ControlClient>();
  #generation = 0;

  /** `target`: host:port of the callees. */
  constructor(pods: readonly Steered[], tags: ControlState['tags'], target: string) {
    const members = pods.map(({ name, place }) => ({
      pod: name,
      role: 'proxy' as const,
      mesh: hostPort(place.mesh),
    }));
    const [address = '', port = ''] = target.split(':');
    this.shared = {
      roster: { number: 1, members, floor: {} },
      peers: members.map((member) => ({ ...member, node: member.pod, zone: '' })),
      tags,
      routes: [{ from: 'public', to: 'callees', via: 'internal' }],
      targets: [{ name: 'callees', addresses: [{ address, port: Number(port), transport: 'UDP' }] }],
      rehoming: {
        method: 'Reinvite',
        legsPerSecond: 4000,
        perPeer: { legsPerSecond: 1000, maxInFlight: 200 },
      },
    };
    const ring = new KeyRing([KEY]);
    for (const { name, place } of pods)
      this.#clients.set(name, new ControlClient({ ...place.http, port: controlPort }, ring));
  }

  /** Tells a pod what is wanted of it. */
  async tell(
    pod: Steered,
    { handOver = new Map(), cordoned = false, addresses = {} }: Wish = {},
  ): Promise<ControlReport> {
    const moves = [...handOver].map(([tag, to]): ControlHandOver => ({
      tag,
      to,
      cause: 'ByHand',
      reason: 'a test wants it',
    }));
    this.#generation += 1;
    return this.client(pod).putState({
      term: 1,
      generation: this.#generation,
      ...this.shared,
      handOver: moves,
      cordoned,
      addresses,
      cordonReason: cordoned ? 'a test wants it' : '',
    });
  }

  async report(pod: Steered): Promise<ControlReport> {
    return this.client(pod).report('', 0);
  }

  /** The report of a pod that may not listen yet. */
  async firstReport(pod: Steered, withinMs: number): Promise<ControlReport> {
    let report: ControlReport | undefined;
    await until(
      async () => {
        report = await this.report(pod).catch(() => undefined);
        return report !== undefined;
      },
      withinMs,
      `${pod.name} to listen`,
    );
    if (report === undefined) throw new Error(`no report of ${pod.name}`);
    return report;
  }

  /** The tags that a pod owns and acts for. */
  async owned(pod: Steered): Promise<string[]> {
    const { status } = await this.report(pod);
    return status.tags.filter((tag) => tag.owner === pod.name && tag.acting).map(({ tag }) => tag);
  }

  /** Moves tags from a pod to another, all of its tags if none are named, and waits until they are there. */
  async move(from: Steered, to: Steered, tags?: readonly string[]): Promise<void> {
    const moved = tags ?? (await this.owned(from));
    await this.tell(from, { handOver: new Map(moved.map((tag) => [tag, to.name])) });
    await until(
      async () => {
        const owned = await this.owned(to);
        return moved.every((tag) => owned.includes(tag));
      },
      MOVED_WITHIN_MS,
      `${moved.join(', ')} to be at ${to.name}`,
    );
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
  }

  /** The link to a pod's control API. */
  client(pod: Steered): ControlClient {
    const client = this.#clients.get(pod.name);
    if (client === undefined) throw new Error(`no pod ${pod.name}`);
    return client;
  }
}

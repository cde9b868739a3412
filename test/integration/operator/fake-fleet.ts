import { memberId } from '../../../src/api/member-id.ts';
import type { KubeApi, WatchEvent } from '../../../src/kube/api.ts';
import { NODES, PODS, SECRETS } from '../../../src/kube/kinds.ts';
import type { Node, Pod } from '../../../src/kube/objects.ts';
import { KeyRing } from '../../../src/mesh/key-ring.ts';
import { keysIn } from '../../../src/operator/steps/key-secret.ts';
import { CONTROL_PORT } from '../../../src/api/pod-ports.ts';
import { NAMESPACE } from '../../unit/operator/memory.ts';
import { emptyReport, FakeControlServer } from './fake-control-server.ts';
import { FakeMesh, type FakeMember } from './fake-mesh.ts';

const STEP_MS = 10;

interface FakePod extends FakeMember {
  mesh: FakeMesh;
  pod: Pod;
  address: string;
  server: FakeControlServer;
  saysReady: boolean | undefined;
}

/** Nodes, kubelet and pods: pods have real control APIs on 127.0.0.0/8, behind them is a fake mesh. */
export class FakeFleet {
  /** That of the first cluster. */
  readonly mesh: FakeMesh = new FakeMesh();
  /** By namespace: pods of another cluster are of another mesh. */
  readonly #meshes = new Map<string, FakeMesh>([[NAMESPACE, this.mesh]]);
  readonly #api: KubeApi;
  readonly #network: string;
  readonly #pods = new Map<string, FakePod>();
  readonly #ended = new AbortController();
  #addresses = 1;
  #boots = 0;
  #work: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  /** `network`: the first three bytes of the pods' addresses. */
  constructor(api: KubeApi, network: string) {
    this.#api = api;
    this.#network = network;
  }

  async start(nodes: readonly string[]): Promise<void> {
    for (const [index, name] of nodes.entries())
      await this.#api.create(NODES, newNode(name, `zone-${index}`));
    const { resourceVersion } = await this.#api.list(PODS, {});
    void this.#watch(resourceVersion);
    this.#timer = setInterval(() => {
      this.#step();
    }, STEP_MS);
  }

  async stop(): Promise<void> {
    this.#ended.abort();
    clearInterval(this.#timer);
    await this.#work;
    for (const { server } of this.#pods.values()) await server.stop();
  }

  /** The process of a pod dies; its container is started anew, its memory as a voter outlives it. */
  async crash(name: string): Promise<void> {
    const each = this.named(name);
    each.mesh.members.delete(each.member);
    await each.server.stop();
    this.#pods.delete(each.pod.metadata.uid ?? '');
    await this.#run(each.pod, each.address);
  }

  /** The pod is gone for good, with its node's word for it. */
  async fail(name: string): Promise<void> {
    const each = this.named(name);
    await this.#end(each);
    await this.#setStatus(each.pod, { phase: 'Failed', podIP: each.address, reason: 'NodeLost' });
  }

  /** How many states the processes that run have taken so far. */
  get statesTaken(): number {
    return [...this.#pods.values()].reduce((sum, { server }) => sum + server.states.length, 0);
  }

  named(name: string): FakePod {
    const found = [...this.#pods.values()].find(({ pod }) => pod.metadata.name === name);
    if (found === undefined) throw new Error(`there is no process of ${name}`);
    return found;
  }

  async #watch(resourceVersion: string): Promise<void> {
    const { signal } = this.#ended;
    await this.#api.watch(PODS, { resourceVersion, signal }, (event) => {
      this.#work = this.#work
        .then(() => this.#onPod(event))
        .catch((error: unknown) => {
          if (!signal.aborted) process.stderr.write(`fake fleet: ${String(error)}\n`);
        });
    });
  }

  async #onPod(event: WatchEvent<Pod>): Promise<void> {
    if (event.type === 'BOOKMARK' || this.#ended.signal.aborted) return;
    const { object } = event;
    const known = this.#pods.get(object.metadata.uid ?? '');
    if (event.type === 'DELETED') {
      if (known !== undefined) await this.#end(known);
    } else if (object.metadata.deletionTimestamp !== undefined) {
      await this.#drain(object, known);
    } else if (known === undefined && object.status?.podIP === undefined) {
      await this.#schedule(object);
    }
  }

  async #schedule(pod: Pod): Promise<void> {
    const { items } = await this.#api.list(NODES, {});
    const free = items.filter(({ spec }) => spec.unschedulable !== true);
    const used = [...this.#pods.values()].map((each) => each.pod.spec.nodeName);
    const count = ({ metadata }: Node): number => used.filter((name) => name === metadata.name).length;
    const [node] = free.sort((left, right) => count(left) - count(right));
    if (node === undefined) return;
    const bound = await this.#api.patch(PODS, refOf(pod), [
      { op: 'add', path: '/spec/nodeName', value: node.metadata.name },
    ]);
    await this.#run(bound, `${this.#network}.${++this.#addresses}`);
  }

  async #run(pod: Pod, address: string): Promise<void> {
    const { name, uid = '', namespace = '', labels = {} } = pod.metadata;
    const secretName = `${labels['sip.rehome.dev/cluster'] ?? ''}-mesh`;
    const secret = await this.#api.get(SECRETS, { namespace, name: secretName });
    const keys = keysIn(secret, 'mesh').map((key) => ({ id: key.id, secret: Buffer.from(key.secret) }));
    const member = memberId(name, uid);
    const boot = `boot-${++this.#boots}`;
    const server = new FakeControlServer(emptyReport(member, boot), new KeyRing(keys));
    const mesh = this.#meshes.get(namespace) ?? new FakeMesh();
    this.#meshes.set(namespace, mesh);
    const each: FakePod = {
      mesh,
      ...{ pod, address, server, member, boot, state: undefined, draining: false, saysReady: undefined },
      ...{ roster: { number: 0, members: [], floor: {} }, takeovers: [] },
    };
    server.onState = (state): void => {
      each.state = state;
    };
    await server.start(address, CONTROL_PORT);
    this.#pods.set(uid, each);
    mesh.members.set(member, each);
    await this.#setReady(each, false);
  }

  /** A leaving pod hands its tags over and goes; one that has no process goes at once. */
  async #drain(pod: Pod, each: FakePod | undefined): Promise<void> {
    if (each?.draining === true) return;
    if (each !== undefined) each.draining = true;
    const goAway = async (): Promise<void> => {
      if (each !== undefined) await this.#end(each);
      await this.#api.delete(PODS, refOf(pod), { gracePeriodSeconds: 0 });
    };
    setTimeout(
      () => {
        this.#work = this.#work.then(goAway).catch(() => undefined);
      },
      each === undefined ? 0 : 150,
    );
    await Promise.resolve();
  }

  async #end(each: FakePod): Promise<void> {
    each.mesh.members.delete(each.member);
    this.#pods.delete(each.pod.metadata.uid ?? '');
    await each.server.stop();
  }

  #step(): void {
    const nowMs = Date.now();
    for (const mesh of this.#meshes.values()) mesh.step(nowMs);
    for (const each of this.#pods.values()) {
      const report = each.mesh.report(each, nowMs);
      const said = { ...report, version: each.server.report.version };
      if (JSON.stringify(said) !== JSON.stringify({ ...report, ...each.server.report }))
        each.server.change(report);
      const isReady = each.mesh.isReady(each);
      if (isReady !== each.saysReady)
        this.#work = this.#work.then(() => this.#setReady(each, isReady)).catch(() => undefined);
      each.saysReady = isReady;
    }
  }

  async #setReady(each: FakePod, isReady: boolean): Promise<void> {
    each.saysReady = isReady;
    const lastTransitionTime = new Date().toISOString();
    await this.#setStatus(each.pod, {
      phase: 'Running',
      podIP: each.address,
      conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False', lastTransitionTime }],
      containerStatuses: [
        {
          name: 'proxy',
          ready: isReady,
          restartCount: 0,
          state: { running: { startedAt: lastTransitionTime } },
        },
      ],
    });
  }

  async #setStatus(pod: Pod, status: NonNullable<Pod['status']>): Promise<void> {
    const operation = { op: 'add', path: '/status', value: status } as const;
    await this.#api.patch(PODS, refOf(pod), [operation], { subresource: 'status' });
  }
}

function newNode(name: string, zone: string): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'topology.kubernetes.io/zone': zone } },
    spec: {},
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
  };
}

function refOf({ metadata }: Pod): { namespace: string; name: string } {
  return { namespace: metadata.namespace ?? '', name: metadata.name };
}

import { afterEach } from '@jest/globals';
import type { DialogShard } from '../../../src/api/dialog-shard-type.ts';
import type { RosterStatus, SipCluster } from '../../../src/api/sip-cluster-type.ts';
import type { JsonPatchOperation, KubeApi, ResourceKind } from '../../../src/kube/api.ts';
import { DIALOG_SHARDS, NODES, PODS, SIP_CLUSTERS } from '../../../src/kube/kinds.ts';
import type { LeaderTimes } from '../../../src/kube/leader-election.ts';
import type { Node, Pod } from '../../../src/kube/objects.ts';
import type { MemoryKubernetes } from '../../../src/local/kubernetes/memory-api.ts';
import { OperatorMetrics } from '../../../src/operator/metrics.ts';
import { Operator } from '../../../src/operator/operator.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import type { StepOf } from '../../../src/operator/steps/step-context.ts';
import { NAMESPACE, newKubernetes, sipCluster } from '../../unit/operator/memory.ts';
import { silentLog } from '../../unit/operator/support.ts';
import { FakeFleet } from './fake-fleet.ts';

/** Short enough that a successor leads soon. */
const TIMES = { leaseMs: 1500, renewDeadlineMs: 1000, retryMs: 200 };
const NODE_NAMES = ['n1', 'n2', 'n3', 'n4', 'n5'];

let networks = 0;
let operators = 0;
const cleanUp: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const act of cleanUp.splice(0).reverse()) await act();
}, 30_000);

/** An operator on an in-memory Kubernetes whose pods are played. */
export class World {
  readonly api: MemoryKubernetes = newKubernetes();
  readonly fleet: FakeFleet;
  readonly events: StepOf<'event'>[] = [];
  readonly metrics: OperatorMetrics = new OperatorMetrics();
  operator: Operator | undefined;
  readonly #times: LeaderTimes;
  readonly #ended = new AbortController();

  /** `times`: of the Lease. */
  constructor(times: LeaderTimes = TIMES) {
    this.#times = times;
    // Each test its own loopback network: what one leaves behind does not meet the next.
    this.fleet = new FakeFleet(this.api, `127.77.${++networks}`);
    cleanUp.push(async () => {
      this.#ended.abort();
      await this.operator?.stop();
      await this.fleet.stop();
    });
  }

  /** Nodes, a cluster named edge, and an operator. */
  async start(
    spec: Record<string, unknown> = {},
    nodes: readonly string[] = NODE_NAMES,
    api: KubeApi = this.api,
  ): Promise<void> {
    await this.fleet.start(nodes);
    await this.api.create(SIP_CLUSTERS, sipCluster('edge', spec));
    await this.startOperator(api);
  }

  async startOperator(api: KubeApi = this.api): Promise<void> {
    this.operator = this.#newOperator(api, { leaseNamespace: 'rehome-system', host: 1 });
    await this.operator.start();
  }

  /** A second operator that leads at the same time, by a Lease of its own, as nobody should run it. */
  async startRival(metrics: OperatorMetrics = new OperatorMetrics()): Promise<Operator> {
    const rival = this.#newOperator(this.api, { leaseNamespace: 'rival-system', host: 250 }, metrics);
    cleanUp.push(() => rival.stop());
    await rival.start();
    return rival;
  }

  /** `host`: the last byte of its address. */
  #newOperator(
    api: KubeApi,
    { leaseNamespace, host }: { leaseNamespace: string; host: number },
    metrics: OperatorMetrics = this.metrics,
  ): Operator {
    return new Operator({
      ...{ api, namespace: '', leaseNamespace, identity: `operator-${++operators}` },
      mesh: { address: `127.77.${networks}.${host}`, port: 7946 },
      event: (step) => this.events.push(step),
      clock: systemClock,
      wallMs: () => Date.now(),
      random: () => Math.random(),
      log: silentLog,
      metrics,
      leaderTimes: this.#times,
    });
  }

  cluster(): Promise<SipCluster> {
    return this.api.get(SIP_CLUSTERS, { namespace: NAMESPACE, name: 'edge' });
  }

  async shards(): Promise<DialogShard[]> {
    return (await this.api.list(DIALOG_SHARDS, {})).items;
  }

  async pods(): Promise<Pod[]> {
    return (await this.api.list(PODS, {})).items;
  }

  pod(name: string): Promise<Pod> {
    return this.api.get(PODS, { namespace: NAMESPACE, name });
  }

  node(name: string): Promise<Node> {
    return this.api.get(NODES, { namespace: '', name });
  }

  async patch(kind: ResourceKind, name: string, operations: JsonPatchOperation[]): Promise<void> {
    await this.api.patch(kind, { namespace: kind.namespaced ? NAMESPACE : '', name }, operations);
  }

  async setSpec(path: string, value: unknown): Promise<void> {
    await this.patch(SIP_CLUSTERS, 'edge', [{ op: 'add', path: `/spec/${path}`, value }]);
  }

  async annotate(kind: ResourceKind, name: string, key: string, value: string): Promise<void> {
    const ref = { namespace: NAMESPACE, name };
    const { metadata } = await this.api.get(kind, ref);
    const annotations = { ...metadata.annotations, [key]: value };
    await this.patch(kind, name, [{ op: 'add', path: '/metadata/annotations', value: annotations }]);
  }

  async unannotate(kind: ResourceKind, name: string, key: string): Promise<void> {
    const path = `/metadata/annotations/${key.replaceAll('/', '~1')}`;
    await this.patch(kind, name, [{ op: 'remove', path }]);
  }

  /** Names of the pods that own tags by the status, with how many each. */
  async owners(): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { status } of await this.shards()) {
      const owner = status?.owner ?? '';
      counts[owner] = (counts[owner] ?? 0) + 1;
    }
    return counts;
  }

  /** In how many clusters the operator votes. */
  async votes(): Promise<number> {
    await this.metrics.text();
    return (await this.metrics.votes.get()).values[0]?.value ?? 0;
  }

  /** Every roster that is stored from now on, the present one first. */
  watchRosters(): RosterStatus[] {
    const rosters: RosterStatus[] = [];
    const { signal } = this.#ended;
    void this.api.list(SIP_CLUSTERS, {}).then(({ items, resourceVersion }) => {
      const note = (roster: RosterStatus | undefined): void => {
        if (roster !== undefined && roster.number !== rosters.at(-1)?.number) rosters.push(roster);
      };
      note(items[0]?.status?.roster);
      return this.api.watch(SIP_CLUSTERS, { resourceVersion, signal }, (event) => {
        if (event.type !== 'BOOKMARK') note(event.object.status?.roster);
      });
    });
    return rosters;
  }

  /** Reasons of all Events so far. */
  get reasons(): string[] {
    return this.events.map(({ eventReason }) => eventReason);
  }

  /** Waits until each of these reasons was given in an Event. */
  async untilSaid(...reasons: string[]): Promise<void> {
    await this.until(
      () => reasons.every((reason) => this.reasons.includes(reason)),
      `it says ${reasons.join(', ')}`,
    );
  }

  /** Waits until the condition holds; says how things are if it never does. */
  async until(condition: () => Promise<boolean> | boolean, what: string, limitMs = 60_000): Promise<void> {
    const limit = Date.now() + limitMs;
    while (!(await condition())) {
      if (Date.now() > limit) throw new Error(`it did not happen: ${what}\n${await this.describe()}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** As it should be: every pod ready, every tag owned, nothing on its way. */
  async settled(replicas: number): Promise<boolean> {
    const { status, metadata } = await this.cluster();
    if (status?.phase !== 'Ready' || status.readyReplicas !== replicas) return false;
    if (status.observedGeneration !== metadata.generation) return false;
    if (status.conditions.find(({ type }) => type === 'Protected')?.status !== 'True') return false;
    return (
      (await this.pods()).length === replicas &&
      (await this.shards()).every((shard) => shard.status?.phase === 'Active')
    );
  }

  async untilSettled(replicas: number): Promise<void> {
    await this.until(() => this.settled(replicas), `${replicas} pods are ready and nothing moves`);
  }

  /** Steps performed so far. */
  async stepsDone(): Promise<number> {
    const { values } = await this.metrics.steps.get();
    return values.reduce((sum, { value }) => sum + value, 0);
  }

  /** Waits until no step was performed for a while. */
  async untilIdle(): Promise<void> {
    await this.until(async () => {
      const before = await this.stepsDone();
      await new Promise((resolve) => setTimeout(resolve, 500));
      return before === (await this.stepsDone());
    }, 'the steps end');
  }

  private async describe(): Promise<string> {
    const { status } = await this.cluster();
    const pods = (await this.pods()).map(
      ({ metadata, status: pod }) => `${metadata.name} ${pod?.phase ?? ''}`,
    );
    const shards = (await this.shards()).map(
      ({ metadata, status: shard }) =>
        `${metadata.name} ${shard?.phase ?? ''} ${shard?.owner ?? ''} ${shard?.epoch ?? ''} ${JSON.stringify(shard?.pendingMove ?? '')}`,
    );
    const events = this.events
      .slice(-20)
      .map(({ eventReason, about, note }) => `${eventReason} ${about.name}: ${note}`);
    return [JSON.stringify(status, undefined, 1), ...pods, ...shards, ...events].join('\n');
  }
}

import type { MeshEffect, PeerConfig } from '../../../src/gossip/index.ts';
import type { Observed, ObservedPod } from '../../../src/reconcile/observed.ts';
import type { Step } from '../../../src/reconcile/plan-type.ts';
import { World } from '../world.ts';
import type { Weather } from '../network.ts';
import { SimObjects, rfc3339, type StepOf } from './objects.ts';
import { SimOperator } from './sim-operator.ts';
import { SimPod } from './sim-pod.ts';

const START_MS: [number, number] = [200, 1200];

/** Pods on nodes, the objects that say what they should be, and operators that make them so. */
export class SimCluster {
  readonly world: World;
  readonly objects: SimObjects;
  readonly pods: SimPod[] = [];
  readonly operators: SimOperator[] = [];
  #uids = 0;

  constructor(
    seed: number,
    options: { written?: Record<string, unknown>; nodes?: readonly string[]; weather?: Weather } = {},
  ) {
    this.world = new World(seed, {
      pods: [],
      tags: [],
      ...(options.weather && { weather: options.weather }),
    });
    this.objects = new SimObjects(options.written ?? {}, options.nodes ?? ['n1', 'n2', 'n3']);
    this.world.listener = (pod, effect) => {
      this.#heard(pod, effect);
    };
  }

  /** Another process of the operator; the Lease says which one leads. */
  addOperator(): SimOperator {
    const operator = new SimOperator(this, `operator-${String(this.operators.length + 1)}`);
    this.operators.push(operator);
    return operator;
  }

  get leader(): SimOperator | undefined {
    return this.operators.find(({ leading, cutOff }) => leading && !cutOff);
  }

  pod(name: string, uid?: string): SimPod | undefined {
    return this.pods.find(({ metadata }) => metadata.name === name && (uid ?? metadata.uid) === metadata.uid);
  }

  peers(): PeerConfig[] {
    return this.pods.map(({ member, nodeName }) => ({
      ...{ pod: member, role: 'proxy', node: nodeName, zone: '' },
    }));
  }

  observedObjects(): Omit<Observed, 'pods' | 'operator'> {
    return {
      cluster: this.objects.cluster(),
      shards: this.objects.observedShards(),
      nodes: [...this.objects.nodes],
    };
  }

  observedPods(sentState: (uid: string) => string): ObservedPod[] {
    return this.pods.map((pod) => pod.observed(sentState(pod.metadata.uid)));
  }

  /** Does what a step of a plan asks of the API; false if the API refuses it. */
  perform(step: Step): boolean {
    switch (step.type) {
      case 'createPod':
        return this.#create(step);
      case 'deletePod':
        this.pod(step.name, step.uid)?.delete();
        return true;
      case 'applyObject':
        this.objects.apply(step);
        return true;
      case 'createSecret':
        this.objects.keys = { ...this.objects.keys, [step.ring]: { ids: ['k1'], madeAtMs: 0 } };
        return true;
      case 'createShard':
        this.#createShard(step);
        return true;
      case 'storeRoster':
        return this.objects.storeRoster(step);
      case 'clusterStatus':
        this.objects.storeClusterStatus(step);
        return true;
      case 'shardStatus':
        this.#checkShardStatus(step);
        this.objects.storeShardStatus(step);
        return true;
      default:
        return true;
    }
  }

  /** What is not yet as the objects want it and the status says; empty when all is well. */
  unsettled(): string[] {
    const { world, objects } = this;
    const { status } = objects;
    const problems = [...world.unsettled(), ...this.#rosterProblems()];
    if (status?.phase !== 'Ready') problems.push(`the cluster is ${status?.phase ?? 'new'}`);
    const { replicas } = objects.written;
    if (this.pods.length !== replicas) problems.push(`${String(this.pods.length)} pods`);
    for (const shard of objects.shards) problems.push(...this.#shardProblems(shard));
    return problems;
  }

  #shardProblems({ metadata, written, status }: SimObjects['shards'][number]): string[] {
    const { tag } = written as { tag: string };
    const actor = this.world.actor(tag);
    const owner = status && this.pod(status.owner, status.ownerUid)?.member;
    if (status?.phase !== 'Active') return [`${metadata.name} is ${status?.phase ?? 'new'}`];
    if (actor === undefined || owner !== actor || status.epoch !== this.world.epoch(tag))
      return [`${metadata.name}: status says ${owner ?? ''}, ${String(status.epoch)}, it is ${actor ?? ''}`];
    return [];
  }

  /** The roster is all pods, with the operator while there are two, and all of them use it. */
  #rosterProblems(): string[] {
    const { number = 0, members = [] } = this.objects.status?.roster ?? {};
    const voters = members.filter(({ role }) => role === 'proxy').map(({ pod }) => pod);
    const pods = this.pods.map(({ member }) => member);
    const problems = pods.filter((pod) => !this.#votes(pod, number)).map((pod) => `${pod} has no vote`);
    if (voters.sort().join() !== pods.sort().join()) problems.push(`the roster has ${voters.join()}`);
    if (members.length - voters.length !== Number(pods.length === 2))
      problems.push(`${String(members.length)} voters for ${String(pods.length)} pods`);
    return problems;
  }

  #votes(member: string, rosterNumber: number): boolean {
    const { mesh, clockMs } = this.world.node(member);
    const report = mesh?.report(clockMs);
    return report?.roster.number === rosterNumber && report.voter;
  }

  /** A status names no owner that was never elected. */
  #checkShardStatus({ name, status }: StepOf<'shardStatus'>): void {
    const shard = this.objects.shards.find(({ metadata }) => metadata.name === name);
    const { tag } = (shard?.written ?? {}) as { tag?: string };
    if (tag === undefined || status.owner === '') return;
    const elected = this.world.ledger.ownerOf(tag, status.epoch);
    if (elected?.pod.startsWith(`${status.owner}.`) !== true)
      throw new Error(
        `${name}: status says ${status.owner} in ${String(status.epoch)}, elected was ${elected?.pod ?? 'nobody'}`,
      );
  }

  #create({ name, object }: StepOf<'createPod'>): boolean {
    if (this.pod(name) !== undefined) return false;
    const uid = `${(0x10000000 + ++this.#uids).toString(16)}-0000`;
    const creationTimestamp = rfc3339(this.world.nowMs);
    const load = (node: string): number => this.pods.filter(({ nodeName }) => nodeName === node).length;
    const [node = ''] = this.objects.nodes
      .map(({ metadata }) => metadata.name)
      .sort((a, b) => load(a) - load(b) || (a < b ? -1 : 1));
    const pod = new SimPod(this.world, { ...object.metadata, name, uid, creationTimestamp }, node, (gone) => {
      this.pods.splice(this.pods.indexOf(gone), 1);
    });
    this.pods.push(pod);
    pod.start(this.world.network.between(START_MS));
    return true;
  }

  #createShard(step: StepOf<'createShard'>): void {
    this.objects.createShard(step, this.world.nowMs);
    const { tag } = (step.object as unknown as { spec: { tag: string } }).spec;
    if (!this.world.tags.includes(tag)) this.world.tags.push(tag);
  }

  #heard(name: string, effect: MeshEffect): void {
    if (effect.kind === 'takenOver') this.pods.find(({ member }) => member === name)?.tookOver(effect);
  }
}

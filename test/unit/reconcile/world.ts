import type { ControlReport, TakeoverReport } from '../../../src/api/control.ts';
import type { DialogShardStatus } from '../../../src/api/dialog-shard-type.ts';
import type { KubeObject, ObjectMeta } from '../../../src/api/object-type.ts';
import type { SipClusterSpec, SipClusterStatus } from '../../../src/api/sip-cluster-type.ts';
import { parseDialogShardSpec } from '../../../src/api/dialog-shard.ts';
import { parseSipClusterSpec } from '../../../src/api/sip-cluster.ts';
import { stateDigest } from '../../../src/reconcile/digest.ts';
import type { Observed, ObservedNode, ObservedPod, ObservedShard } from '../../../src/reconcile/observed.ts';
import { plan } from '../../../src/reconcile/plan.ts';
import type { Plan, Step } from '../../../src/reconcile/plan-type.ts';
import { EMPTY_STATUS } from './empty-status.ts';
import { SimObjects } from './sim-objects.ts';
import { SimScheduler } from './sim-scheduler.ts';
import { isStaying, memberOf, newNode, reportOf, type SimPod, type SimTag } from './sim-pod.ts';

const START_MS = 1_800_000_000_000;
export const TICK_MS = 1000;

type StepOf<T extends Step['type']> = Extract<Step, { type: T }>;

/** A cluster as simple as can be: pods that do what they are told within some ticks, and a mesh that fails over at once. */
export class SimulatedCluster extends SimObjects {
  nowMs: number = START_MS;
  written: Record<string, unknown>;
  generation = 1;
  annotations: Record<string, string> = {};
  status: SipClusterStatus | undefined;
  nodesHidden: string | undefined;
  readonly shards: { metadata: ObjectMeta; written: unknown; status: DialogShardStatus | undefined }[] = [];
  readonly pods: SimPod[] = [];
  readonly nodes: ObservedNode[];
  readonly tags: Map<string, SimTag> = new Map();
  readonly events: StepOf<'event'>[] = [];
  /** Handovers that took place, tag and receiver. */
  readonly moves: { tag: string; from: string; to: string }[] = [];
  readonly scheduler: SimScheduler = new SimScheduler();
  /** What is wrong with each pod that is made. */
  breaks: SimPod['broken'];
  /** How much later than its ownership a pod tells of a takeover. */
  tellsAfterMs = 0;
  #uids = 0;

  constructor(written: Record<string, unknown> = {}, nodes: readonly string[] = ['n1', 'n2', 'n3']) {
    super();
    this.written = { replicas: 3, shards: 12, listeners: [{ name: 'public', port: 5060 }], ...written };
    this.nodes = nodes.map(newNode);
  }

  get spec(): SipClusterSpec {
    const parsed = parseSipClusterSpec(this.written);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    return parsed.value;
  }

  change(written: Record<string, unknown>): void {
    this.written = { ...this.written, ...written };
    this.generation++;
  }

  plan(): Plan {
    return plan(this.observed(), this.nowMs);
  }

  /** Plans, performs and lets a second pass, so many times. */
  run(rounds: number, watch: (cluster: SimulatedCluster, planned: Plan) => void = () => undefined): void {
    for (let round = 0; round < rounds; round++) {
      const planned = this.plan();
      watch(this, planned);
      this.perform(planned);
      this.tick();
    }
  }

  /** Runs until nothing is to be done in five plans in a row; throws if that does not come. */
  settle(limit = 300, watch: (cluster: SimulatedCluster, planned: Plan) => void = () => undefined): number {
    let quiet = 0;
    for (let round = 0; round < limit; round++) {
      const planned = this.plan();
      watch(this, planned);
      quiet = planned.steps.length === 0 ? quiet + 1 : 0;
      if (quiet === 5) return round;
      this.perform(planned);
      this.tick();
    }
    throw new Error(
      `not settled: ${JSON.stringify(this.plan().steps.map((step) => [step.type, step.reason]))}`,
    );
  }

  pod(name: string): SimPod {
    const found = this.pods.find((pod) => pod.metadata.name === name);
    if (found === undefined) throw new Error(`no pod ${name}`);
    return found;
  }

  get podNames(): string[] {
    return this.pods.map((pod) => pod.metadata.name).sort();
  }

  /** Pod name to the tags that it owns. */
  owned(): Record<string, string[]> {
    const owned: Record<string, string[]> = Object.fromEntries(this.podNames.map((name) => [name, []]));
    for (const [tag, { owner }] of this.tags) owned[this.#nameOf(owner)]?.push(tag);
    return owned;
  }

  counts(): number[] {
    return Object.values(this.owned()).map((tags) => tags.length);
  }

  shard(name: string): (typeof this.shards)[number] {
    const found = this.shards.find((shard) => shard.metadata.name === name);
    if (found === undefined) throw new Error(`no shard ${name}`);
    return found;
  }

  /** The pod's processes and object vanish at once. */
  kill(name: string): void {
    const pod = this.pod(name);
    this.pods.splice(this.pods.indexOf(pod), 1);
  }

  /** The node of a pod can be heard by nobody any more; the node controller says so of node and pod. */
  cutOff(name: string): void {
    const pod = this.pod(name);
    pod.cutOff = reportOf(pod, this.tags, this.pods);
    this.node(pod.node).ready = false;
  }

  /** Node and pod are back; whoever was to be ended is ended now. */
  heal(name: string): void {
    const pod = this.pod(name);
    delete pod.cutOff;
    this.node(pod.node).ready = true;
  }

  node(name: string): ObservedNode {
    const found = this.nodes.find(({ metadata }) => metadata.name === name);
    if (found === undefined) throw new Error(`no node ${name}`);
    return found;
  }

  /** As `kubectl delete pod` does. */
  delete(name: string): void {
    const pod = this.pod(name);
    if (pod.metadata.deletionTimestamp !== undefined) return;
    pod.metadata.deletionTimestamp = new Date(this.nowMs).toISOString();
    pod.goneIn = 3;
  }

  perform(planned: Plan): void {
    for (const step of planned.steps) this.#performStep(step);
  }

  tick(): void {
    this.nowMs += TICK_MS;
    this.#movePods();
    this.#spreadRosters();
    for (const [tag, state] of this.tags) this.#moveTag(tag, state);
    for (const pod of this.pods) this.#setReady(pod);
  }

  observed(): Observed {
    const parsed = parseSipClusterSpec(this.written);
    const accepted = this.status?.accepted;
    const acceptedSpec = accepted && parseSipClusterSpec(accepted.spec);
    return {
      cluster: {
        metadata: {
          ...{ name: 'edge', namespace: 'default', uid: 'cluster-uid', generation: this.generation },
          annotations: { ...this.annotations },
        },
        spec: parsed.ok ? parsed.value : undefined,
        problems: parsed.ok ? [] : parsed.problems,
        written: this.written,
        accepted:
          accepted && acceptedSpec?.ok
            ? { generation: accepted.generation, spec: acceptedSpec.value }
            : undefined,
        status: this.status,
        ...this.observedObjects,
      },
      shards: this.shards.map((shard) => this.#observedShard(shard)),
      pods: this.pods.map((pod) => this.#observedPod(pod)),
      ...this.#observedNodes(),
      operator: {
        ...{ member: 'operator.cluster-uid', mesh: '10.0.9.9:7946', term: 1, leadingSinceMs: START_MS },
        vote: { rosterNumber: this.status?.roster?.number ?? 0, granted: {} },
      },
    };
  }

  #observedNodes(): Pick<Observed, 'nodes' | 'nodesHidden'> {
    if (this.nodesHidden === undefined) return { nodes: this.nodes };
    return { nodes: [], nodesHidden: this.nodesHidden };
  }

  #observedShard({ metadata, written, status }: (typeof this.shards)[number]): ObservedShard {
    const parsed = parseDialogShardSpec(written);
    return {
      metadata,
      status,
      spec: parsed.ok ? parsed.value : undefined,
      problems: parsed.ok ? [] : parsed.problems,
    };
  }

  #observedPod(pod: SimPod): ObservedPod {
    return {
      metadata: pod.metadata,
      ...{ nodeName: pod.node, podIP: pod.ip, ended: false, restarts: 0 },
      phase: pod.broken?.failed === true ? 'Failed' : 'Running',
      ...(pod.broken && { trouble: pod.broken.trouble }),
      ...{ ready: pod.ready, readySinceMs: pod.readySinceMs, sentState: pod.sentState },
      report: pod.startsIn > 0 ? undefined : this.#reportOf(pod),
      reportedAtMs: this.nowMs,
      unreachableSinceMs: pod.startsIn > 0 || pod.cutOff !== undefined ? this.nowMs : undefined,
    };
  }

  #reportOf(pod: SimPod): ControlReport {
    const report = pod.cutOff ?? reportOf(pod, this.tags, this.pods);
    const told = report.takeovers.filter((each) => each.startedAtMs + this.tellsAfterMs <= this.nowMs);
    return { ...report, takeovers: told };
  }

  #performStep(step: Step): void {
    if (step.type === 'createPod') this.#create(step);
    else if (step.type === 'deletePod') this.delete(step.name);
    else if (step.type === 'applyObject') this.apply(step.object);
    else if (step.type === 'createSecret')
      this.keys = { ...this.keys, [step.ring]: { ids: ['k1'], madeAtMs: this.nowMs } };
    else if (step.type === 'deleteObject') this.remove(step.uid);
    else if (step.type === 'createShard')
      this.addShard(step.object.metadata, (step.object as KubeObject & { spec: unknown }).spec);
    else this.#writeStep(step);
  }

  #writeStep(step: Step): void {
    if (step.type === 'storeRoster') this.#storeRoster(step);
    else if (step.type === 'sendState') this.#send(step);
    else if (step.type === 'clusterStatus')
      this.status = { ...step.status, ...(this.status?.roster && { roster: this.status.roster }) };
    else if (step.type === 'shardStatus') this.shard(step.name).status = step.status;
    else if (step.type === 'removeAnnotation') delete this.shard(step.name).metadata.annotations?.[step.key];
    else if (step.type === 'event') this.events.push(step);
    else throw new Error(`not expected: ${step.type}`);
  }

  #storeRoster({ status, previousNumber }: StepOf<'storeRoster'>): void {
    if (previousNumber !== (this.status?.roster?.number ?? 0)) throw new Error('conflict');
    this.status = { ...(this.status ?? EMPTY_STATUS), roster: status };
  }

  addShard(metadata: ObjectMeta, written: unknown): void {
    if (this.shards.some((shard) => shard.metadata.name === metadata.name)) throw new Error('AlreadyExists');
    const creationTimestamp = new Date(this.nowMs).toISOString();
    this.shards.push({
      metadata: { creationTimestamp, uid: `uid-${metadata.name}`, ...metadata },
      written,
      status: undefined,
    });
    const parsed = parseDialogShardSpec(written);
    if (parsed.ok && !this.tags.has(parsed.value.tag))
      this.tags.set(parsed.value.tag, { owner: '', epoch: 0, standbys: [], inSync: [], dialogs: 0 });
  }

  #create({ name, object }: StepOf<'createPod'>): void {
    if (this.podNames.includes(name)) throw new Error(`AlreadyExists: ${name}`);
    const uid = `${(0x10000000 + ++this.#uids).toString(16)}-0000`;
    const creationTimestamp = new Date(this.nowMs).toISOString();
    this.pods.push({
      metadata: { ...object.metadata, uid, creationTimestamp },
      ...{ node: '', ip: '', startsIn: Infinity },
      ...{ ready: false, readySinceMs: this.nowMs, sick: false, state: undefined, sentState: '' },
      ...{ rosterNumber: 0, granted: {}, takeovers: [], goneIn: Infinity },
      ...(this.breaks && { broken: this.breaks }),
    });
    this.scheduler.schedule(this.pods, this.nodes);
  }

  #send({ pod: name, state }: StepOf<'sendState'>): void {
    const pod = this.pod(name);
    pod.state = state;
    pod.sentState = stateDigest(state);
  }

  #movePods(): void {
    this.scheduler.schedule(this.pods, this.nodes);
    for (const pod of [...this.pods]) {
      if (pod.broken !== undefined) pod.startsIn = Infinity;
      if (pod.startsIn > 0) pod.startsIn--;
      if (pod.cutOff === undefined) pod.goneIn--;
      if (pod.goneIn <= 0) this.pods.splice(this.pods.indexOf(pod), 1);
    }
  }

  #spreadRosters(): void {
    const newest = Math.max(0, ...this.#running().map((pod) => pod.state?.roster.number ?? 0));
    for (const pod of this.#running()) {
      pod.isLeaseless = newest > pod.rosterNumber;
      pod.rosterNumber = Math.max(pod.rosterNumber, newest);
    }
  }

  /** A living owner does as it is told; the tag of a dead one goes to a copy, or to whoever is named first. */
  #moveTag(tag: string, state: SimTag): void {
    const owner = this.#byMember(state.owner);
    if (owner === undefined) {
      if (this.#hasMajority()) this.#inherit(tag, state);
      return;
    }
    const asked = owner.state?.handOver.find((each) => each.tag === tag)?.to ?? '';
    const isDrained = !isStaying(owner);
    const drained = state.inSync.find((member) => isDrained && isStaying(this.#byMember(member))) ?? '';
    const receiver = this.#byMember(state.inSync.includes(asked) ? asked : drained);
    if (receiver !== undefined) this.#takeOver(tag, state, receiver, 'handover');
    else this.#sync(tag, state, owner);
  }

  #inherit(tag: string, state: SimTag): void {
    const heir = state.inSync.flatMap((member) => this.#byMember(member) ?? [])[0];
    const named = this.#running()
      .flatMap((pod) => pod.state?.tags.find((each) => each.tag === tag)?.placement[0] ?? [])
      .flatMap((member) => this.#byMember(member) ?? []);
    const to = heir ?? named[0];
    if (to !== undefined) this.#takeOver(tag, state, to, heir === undefined ? 'vacant' : 'dead');
  }

  #takeOver(tag: string, state: SimTag, to: SimPod, claim: TakeoverReport['claim']): void {
    const from = state.owner;
    if (claim === 'handover') this.moves.push({ tag, from: this.#nameOf(from), to: to.metadata.name });
    if (claim === 'vacant') state.dialogs = 0;
    state.epoch = Math.max(state.epoch, this.status?.roster?.floor[tag] ?? 0) + 1;
    to.takeovers = [
      ...to.takeovers.filter((each) => each.tag !== tag),
      {
        ...{ tag, epoch: state.epoch, claim, from, why: `the mesh says ${claim}`, startedAtMs: this.nowMs },
        ...{ dialogs: state.dialogs, rehomed: state.dialogs, kept: 0, lost: 0, durationMs: 100 },
      },
    ];
    for (const pod of this.#running()) pod.granted = { ...pod.granted, [tag]: state.epoch };
    const others = [from, ...state.standbys].filter(
      (member) => member !== memberOf(to) && this.#byMember(member),
    );
    state.owner = memberOf(to);
    state.standbys = others.filter((member) => state.inSync.includes(member) || member === from);
    state.inSync = [...state.standbys];
  }

  /** New standbys are in sync after a tick; old ones go only then. */
  #sync(tag: string, state: SimTag, owner: SimPod): void {
    const wished = owner.state?.tags.find((each) => each.tag === tag)?.placement ?? [];
    const alive = wished.filter((member) => member !== state.owner && this.#byMember(member) !== undefined);
    const arrived = alive.every((member) => state.standbys.includes(member));
    if (arrived) {
      state.standbys = alive;
      state.inSync = [...alive];
    } else {
      state.standbys = [...new Set([...alive, ...state.standbys])].filter((member) => this.#byMember(member));
      state.inSync = state.inSync.filter((member) => this.#byMember(member) !== undefined);
    }
  }

  #setReady(pod: SimPod): void {
    const roster = pod.state?.roster;
    const isVoter = roster?.members.some(({ pod: member }) => member === memberOf(pod)) === true;
    const isTold = pod.state?.cordoned === true || pod.metadata.deletionTimestamp !== undefined;
    const ready = pod.startsIn <= 0 && isVoter && !isTold && !pod.sick && pod.cutOff === undefined;
    if (ready !== pod.ready) pod.readySinceMs = this.nowMs;
    pod.ready = ready;
  }

  #hasMajority(): boolean {
    const members = this.status?.roster?.members ?? [];
    const alive = members.filter(({ pod, role }) => role === 'witness' || this.#byMember(pod) !== undefined);
    return members.length > 0 && alive.length > members.length / 2;
  }

  #running(): SimPod[] {
    return this.pods.filter((pod) => pod.startsIn <= 0 && pod.cutOff === undefined);
  }

  #byMember(member: string): SimPod | undefined {
    return this.#running().find((pod) => memberOf(pod) === member);
  }

  #nameOf(member: string): string {
    return this.#byMember(member)?.metadata.name ?? member.slice(0, Math.max(0, member.lastIndexOf('.')));
  }
}

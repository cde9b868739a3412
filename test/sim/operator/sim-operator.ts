import type { ControlState } from '../../../src/api/control.ts';
import { stateDigest } from '../../../src/reconcile/digest.ts';
import type { Observed } from '../../../src/reconcile/observed.ts';
import { plan } from '../../../src/reconcile/plan.ts';
import type { Step } from '../../../src/reconcile/plan-type.ts';
import type { SimCluster } from './sim-cluster.ts';
import { EPOCH_MS } from './objects.ts';
import { SimWitness, type WriteFate } from './sim-witness.ts';

const PLAN_EVERY_MS: [number, number] = [150, 300];
const RENEW_EVERY_MS = 500;
/** Scaled down from Kubernetes' 10 s and 15 s, in the same order. */
const RENEW_DEADLINE_MS = 2000;
const LEASE_MS = 3000;
const WITNESS = 'operator.cluster';

/** One process of the operator: leads while it holds the Lease, observes, plans, performs, and may die at any step. */
export class SimOperator {
  readonly name: string;
  /** Cut off from the API: no request arrives, and nothing is read. */
  cutOff = false;
  /** Chance of a fault for each request. */
  faults = 0;
  /** Chance to die at each step. */
  frailty = 0;
  readonly #cluster: SimCluster;
  #alive = true;
  #leading = false;
  #term = 0;
  #leadingSinceMs = 0;
  #renewedAtMs = -Infinity;
  #generation = 0;
  #seen: Observed | undefined;
  #rivalSeen = { renewedAtMs: -Infinity, sinceMs: 0 };
  readonly #sent = new Map<string, string>();
  #witness: SimWitness | undefined;

  constructor(cluster: SimCluster, name: string) {
    this.#cluster = cluster;
    this.name = name;
    this.#rivalSeen.sinceMs = cluster.world.nowMs;
    this.#elect();
    this.#reconcile();
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Whether it believes to lead, rightly or not. */
  get leading(): boolean {
    return this.#alive && this.#leading;
  }

  get witness(): SimWitness | undefined {
    return this.#witness;
  }

  kill(): void {
    this.#alive = false;
    this.#witness?.close();
  }

  get #nowMs(): number {
    return this.#cluster.world.nowMs;
  }

  /** Where its voter is, and where its requests come from. */
  get address(): string {
    return `${this.name}:7946`;
  }

  /** OWNERSHIP 7: only until `renewDeadline` after its last renewal. */
  #mayAnswer(): boolean {
    return this.#leading && this.#nowMs < this.#renewedAtMs + RENEW_DEADLINE_MS;
  }

  #elect(): void {
    if (!this.#alive) return;
    if (!this.cutOff) this.#renew();
    // Who cannot renew its Lease in time ends.
    if (this.#leading && this.#nowMs >= this.#renewedAtMs + RENEW_DEADLINE_MS) {
      this.kill();
      return;
    }
    this.#witness?.review();
    this.#cluster.world.network.after(RENEW_EVERY_MS, () => {
      this.#elect();
    });
  }

  #renew(): void {
    const { objects } = this.#cluster;
    const { holder, renewedAtMs, transitions } = objects.lease;
    if (holder === this.name) {
      objects.lease = { ...objects.lease, renewedAtMs: this.#nowMs };
      this.#renewedAtMs = this.#nowMs;
      return;
    }
    if (renewedAtMs !== this.#rivalSeen.renewedAtMs) this.#rivalSeen = { renewedAtMs, sinceMs: this.#nowMs };
    if (holder !== '' && this.#nowMs - this.#rivalSeen.sinceMs < LEASE_MS) return;
    objects.lease = { holder: this.name, renewedAtMs: this.#nowMs, transitions: transitions + 1 };
    this.#renewedAtMs = this.#nowMs;
    this.#lead(transitions + 1);
  }

  #lead(term: number): void {
    this.#leading = true;
    this.#term = term;
    this.#leadingSinceMs = this.#nowMs;
    this.#generation = 0;
    this.#sent.clear();
    this.#seen = undefined;
  }

  #reconcile(): void {
    if (!this.#alive) return;
    if (this.#leading) this.#work();
    this.#cluster.world.network.after(this.#cluster.world.network.between(PLAN_EVERY_MS), () => {
      this.#reconcile();
    });
  }

  #work(): void {
    if (this.#seen === undefined || !this.#faulty()) this.#observe();
    if (this.#seen === undefined) return;
    this.#keepWitness();
    for (const step of plan(this.#seen, EPOCH_MS + this.#nowMs).steps) {
      if (this.#cluster.world.random() < this.frailty) {
        this.kill();
        return;
      }
      if (!this.#perform(step)) return;
    }
  }

  /** What a watch has brought; without the API the objects stay as they were, what pods say is new all the same. */
  #observe(): void {
    const operator = {
      ...{ member: WITNESS, mesh: this.address, term: this.#term },
      leadingSinceMs: EPOCH_MS + this.#leadingSinceMs,
      vote: this.#witness?.vote,
    };
    const pods = this.#cluster.observedPods((uid) => this.#sent.get(uid) ?? '');
    if (!this.cutOff) this.#seen = { ...this.#cluster.observedObjects(), pods, operator };
    else if (this.#seen !== undefined) this.#seen = { ...this.#seen, operator };
  }

  /** It votes while the roster has it, or is about to. */
  #keepWitness(): void {
    const { status } = this.#seen?.cluster ?? {};
    const roster = status?.roster;
    const wanted = roster?.members.some(({ pod }) => pod === WITNESS) === true;
    if (!wanted) {
      this.#witness?.close();
      return;
    }
    this.#witness ??= new SimWitness(
      {
        ...{ world: this.#cluster.world, objects: this.#cluster.objects },
        fate: () => this.#fate(),
        mayAnswer: () => this.#mayAnswer(),
      },
      { address: this.address, pod: WITNESS },
    );
    if (!this.#witness.isOpen && this.#mayAnswer() && !this.cutOff) this.#witness.open();
    this.#witness.tell(this.#cluster.peers(), {
      number: roster.number,
      members: roster.members.map(({ pod, role }) => ({ pod, role })),
      floor: new Map(Object.entries(roster.floor)),
    });
  }

  #faulty(): boolean {
    return this.#cluster.world.random() < this.faults;
  }

  #fate(): WriteFate {
    if (this.cutOff) return 'lost';
    if (!this.#faulty()) return 'made';
    return this.#cluster.world.random() < 0.5 ? 'lost' : 'unanswered';
  }

  /** Whether the rest of the plan may follow. */
  #perform(step: Step): boolean {
    if (step.type === 'sendState') {
      this.#send(step);
      return true;
    }
    const fate = this.#fate();
    if (fate === 'lost') return false;
    return this.#cluster.perform(step) && fate === 'made';
  }

  #send({ pod, uid, state }: Extract<Step, { type: 'sendState' }>): void {
    const to = this.#cluster.pod(pod, uid);
    if (to === undefined || this.#faulty() || !this.#cluster.world.network.reaches(this.address, to.member))
      return;
    const told: ControlState = { ...state, term: this.#term, generation: ++this.#generation };
    if (to.tell(told)) this.#sent.set(uid, stateDigest(state));
  }
}

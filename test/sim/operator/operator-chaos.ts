import type { SimNode } from '../node.ts';
import { weatherOf } from '../chaos.ts';
import { SimCluster } from './sim-cluster.ts';
import type { SimPod } from './sim-pod.ts';

/** Sizes that the cluster is given, one after another. */
const SIZES = [1, 2, 3, 5, 2, 3];
const PHASE_MS = 6000;
/** After the last fault everything must be well within this: a roster changes one voter in a second or two. */
const HEAL_MS = 60_000;

export interface OperatorOutcome {
  takenOver: number;
  rosters: number;
  operators: number;
  healedMs: number;
}

/** A cluster that is made, resized and struck while operators come and go: throws at the first broken promise. */
export function runOperatorChaos(seed: number): OperatorOutcome {
  return new OperatorChaos(seed).run();
}

class OperatorChaos {
  readonly #cluster: SimCluster;
  readonly #seed: number;
  #serial = 0;
  #checkAtMs = 0;

  constructor(seed: number) {
    this.#seed = seed;
    this.#cluster = new SimCluster(seed, {
      written: { replicas: this.#size(0) },
      weather: weatherOf(seed),
    });
    this.#addOperator();
  }

  run(): OperatorOutcome {
    const { world, objects } = this.#cluster;
    const made = world.runUntil(() => this.#settled(), HEAL_MS);
    if (made === Infinity) this.#fail('not made');
    for (let phase = 1; phase <= 3; phase++) {
      objects.change({ replicas: this.#size(phase) });
      const endMs = world.nowMs + PHASE_MS;
      while (world.nowMs < endMs) this.#moment();
    }
    this.#heal();
    const healedMs = world.runUntil(() => this.#settled(), HEAL_MS);
    if (healedMs === Infinity) this.#fail('not well');
    return {
      takenOver: world.log.filter(({ effect }) => effect.kind === 'takenOver').length,
      rosters: objects.status?.roster?.number ?? 0,
      operators: this.#cluster.operators.length,
      healedMs,
    };
  }

  #size(phase: number): number {
    return SIZES[(this.#seed + phase) % SIZES.length] ?? 3;
  }

  #fail(what: string): never {
    const { objects } = this.#cluster;
    const roster = objects.status?.roster;
    throw new Error(
      `${what} after ${String(HEAL_MS)} ms: ${this.#problems().join('; ')}; roster ${JSON.stringify(roster?.members.map(({ pod }) => pod))}`,
    );
  }

  /** Looked at now and then only: it costs more than an event. */
  #settled(): boolean {
    const { nowMs } = this.#cluster.world;
    if (nowMs < this.#checkAtMs) return false;
    this.#checkAtMs = nowMs + 500;
    if (!this.#cluster.operators.some(({ alive }) => alive)) this.#addOperator();
    return this.#problems().length === 0;
  }

  #problems(): string[] {
    const { world } = this.#cluster;
    const problems = this.#cluster.unsettled();
    const alive = (pod: string, process: number): boolean => world.node(pod).process === process;
    for (const tag of world.tags) {
      const actor = world.actor(tag);
      if (actor === undefined) continue;
      const lost = world.ledger.missing(tag, world.node(actor), alive);
      problems.push(...lost.map(({ key }) => `${key} of ${tag} is lost`));
    }
    return problems;
  }

  #moment(): void {
    const { world } = this.#cluster;
    this.#work();
    if (world.random() < 0.03) this.#fault();
    if (!this.#cluster.operators.some(({ alive }) => alive)) this.#addOperator();
    world.run(this.#between(20, 120));
  }

  #addOperator(): void {
    const operator = this.#cluster.addOperator();
    operator.faults = [0, 0.05, 0.2][this.#seed % 3] ?? 0;
    operator.frailty = [0, 0.004][this.#seed % 2] ?? 0;
  }

  /** Calls come and change at every owner. */
  #work(): void {
    const { world } = this.#cluster;
    const tag = world.tags[Math.floor(world.random() * world.tags.length)];
    const actor = tag === undefined ? undefined : world.actor(tag);
    if (tag === undefined || actor === undefined) return;
    const keys = [...(world.node(actor).records.get(tag)?.keys() ?? [])];
    const key = keys[Math.floor(world.random() * keys.length)];
    if (key === undefined || world.random() < 0.4) world.put(actor, `k${String(++this.#serial)}`, tag);
    else if (world.random() < 0.7) world.put(actor, key, tag);
    else world.end(actor, key, tag);
  }

  #fault(): void {
    const { world, operators } = this.#cluster;
    const pod = this.#pick();
    const choice = Math.floor(world.random() * 8);
    if (choice === 0) operators.find(({ leading }) => leading)?.kill();
    else if (choice === 1) this.#cutOff();
    else if (pod === undefined) return;
    else if (choice === 2) pod.restart(this.#between(100, 3000));
    else if (choice === 3) pod.vanish();
    else if (choice === 4) pod.delete();
    else if (choice === 5) this.#pause(pod.process);
    else this.#partition(pod, choice === 6);
  }

  /** The leader does not reach the API for a while; another process takes its place. */
  #cutOff(): void {
    const leader = this.#cluster.leader;
    if (leader === undefined) return;
    leader.cutOff = true;
    this.#addOperator();
    this.#cluster.world.network.after(this.#between(1000, 8000), () => {
      leader.cutOff = false;
    });
  }

  #pause(node: SimNode): void {
    if (!node.running) return;
    node.pause();
    this.#cluster.world.network.after(this.#between(100, 4000), () => {
      node.resume();
    });
  }

  #partition(pod: SimPod, oneWay: boolean): void {
    const { network, random, nodes } = this.#cluster.world;
    const others = [...nodes.keys()].filter((name) => name !== pod.member && random() < 0.7);
    for (const other of others) {
      network.cut(pod.member, other);
      if (!oneWay) network.cut(other, pod.member);
    }
    network.after(this.#between(300, 4000), () => {
      for (const other of others) {
        network.heal(pod.member, other);
        network.heal(other, pod.member);
      }
    });
  }

  #heal(): void {
    const { world, operators, pods } = this.#cluster;
    world.network.weather = { ...world.network.weather, loss: 0, reorder: 0, duplicate: 0 };
    for (const operator of operators) {
      operator.cutOff = false;
      operator.faults = 0;
      operator.frailty = 0;
    }
    if (!operators.some(({ alive }) => alive)) this.#addOperator();
    for (const operator of operators) operator.faults = operator.frailty = 0;
    world.network.healAll();
    for (const { process } of pods) process.resume();
    world.run(4500);
    world.network.healAll();
  }

  #pick(): SimPod | undefined {
    const { pods, world } = this.#cluster;
    return pods[Math.floor(world.random() * pods.length)];
  }

  #between(low: number, high: number): number {
    return low + (high - low) * this.#cluster.world.random();
  }
}

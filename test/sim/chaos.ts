import type { Weather } from './network.ts';
import type { SimNode } from './node.ts';
import { World } from './world.ts';

const FAULTS_MS = 12_000;
const QUIET_MS = 15_000;
/** After the last fault everything must be well within this. */
const HEAL_MS = 20_000;

export interface ChaosOptions {
  seed: number;
  /** Voter files may be lost, but never more at once than the protocol can bear: one. */
  loseFile?: boolean;
}

interface Outcome {
  takenOver: number;
  protectedRecords: number;
  healedMs: number;
}

/** A random cluster under random faults, then peace: throws at the first broken promise. */
export function runChaos({ seed, loseFile = true }: ChaosOptions): Outcome {
  const chaos = new Chaos(seed, loseFile);
  return chaos.run();
}

class Chaos {
  readonly #world: World;
  readonly #pods: string[];
  readonly #mayLoseFile: boolean;
  #lostFile = false;
  #serial = 0;

  constructor(seed: number, loseFile: boolean) {
    const five = seed % 5 === 0;
    const witness = seed % 7 === 3;
    const pods = five ? ['A', 'B', 'C', 'D', 'E'] : ['A', 'B', 'C'].slice(0, witness ? 2 : 3);
    const witnesses = witness && !five ? ['W'] : [];
    this.#pods = [...pods, ...witnesses];
    this.#mayLoseFile = loseFile && seed % 3 === 0;
    this.#world = new World(seed, {
      pods,
      witnesses,
      tags: seed % 2 === 0 ? ['T', 'U'] : ['T'],
      weather: weatherOf(seed),
    });
  }

  run(): Outcome {
    const world = this.#world;
    world.startAll();
    world.run(this.#between(1500, 4000));
    const endMs = world.nowMs + FAULTS_MS;
    while (world.nowMs < endMs) {
      this.#work();
      if (world.random() < 0.04) this.#fault();
      world.run(this.#between(5, 60));
    }
    this.#heal();
    const healedMs = world.runUntil(() => this.#settled(), HEAL_MS);
    if (healedMs === Infinity)
      throw new Error(`not well after ${String(HEAL_MS)} ms: ${this.#problems().join('; ')}`);
    return {
      takenOver: world.log.filter(({ effect }) => effect.kind === 'takenOver').length,
      protectedRecords: world.ledger.protected.size,
      healedMs,
    };
  }

  /** Looked at now and then only: it costs more than an event. */
  #settled(): boolean {
    if (this.#world.nowMs < this.#checkAtMs) return false;
    this.#checkAtMs = this.#world.nowMs + 250;
    return this.#problems().length === 0;
  }

  #checkAtMs = 0;

  #problems(): string[] {
    const world = this.#world;
    const problems = world.unsettled();
    for (const tag of world.tags) {
      const actor = world.actor(tag);
      if (actor === undefined) continue;
      const alive = (pod: string, process: number): boolean => world.node(pod).process === process;
      const node = world.node(actor);
      problems.push(...world.ledger.missing(tag, node, alive).map(({ key }) => `${key} of ${tag} is lost`));
      problems.push(...world.ledger.revived(tag, node, alive).map((key) => `${key} of ${tag} came back`));
    }
    return problems;
  }

  /** Calls come, change and end at every owner; one without its lease relays, too. */
  #work(): void {
    const world = this.#world;
    for (const tag of world.tags)
      for (const node of world.nodes.values())
        if (
          node.running &&
          node.mesh?.ownerOf(tag)?.pod === node.name &&
          (node.mayAct(tag) || world.random() < 0.5)
        )
          this.#change(node, tag);
  }

  #change(node: SimNode, tag: string): void {
    const world = this.#world;
    const keys = [...(node.records.get(tag)?.keys() ?? [])];
    const key = keys[Math.floor(world.random() * keys.length)];
    const choice = world.random();
    if (key === undefined || choice < 0.3) world.put(node.name, `k${String(++this.#serial)}`, tag);
    else if (choice < 0.8) world.put(node.name, key, tag);
    else world.end(node.name, key, tag);
  }

  #fault(): void {
    const faults = [
      () => {
        this.#crash(false);
      },
      () => {
        this.#crash(true);
      },
      () => {
        this.#pause();
      },
      () => {
        this.#partition(false);
      },
      () => {
        this.#partition(true);
      },
      () => {
        this.#world.network.breakStream(this.#pick(), this.#pick());
      },
      () => {
        this.#move();
      },
    ];
    faults[Math.floor(this.#world.random() * faults.length)]?.();
  }

  #crash(silent: boolean): void {
    const node = this.#world.node(this.#pick());
    if (!node.running) return;
    node.crash(silent);
    this.#world.network.after(this.#between(50, 5000), () => {
      if (node.process !== 0) return;
      if (this.#mayLoseFile && !this.#lostFile && this.#world.random() < 0.3) {
        this.#lostFile = true;
        node.disk = undefined;
      }
      node.start();
    });
  }

  #pause(): void {
    const node = this.#world.node(this.#pick());
    node.pause();
    this.#world.network.after(this.#between(100, 4000), () => {
      node.resume();
    });
  }

  #partition(oneWay: boolean): void {
    const { network } = this.#world;
    const lonely = this.#pick();
    const others = this.#pods.filter((pod) => pod !== lonely && this.#world.random() < 0.8);
    for (const other of others) {
      network.cut(lonely, other);
      if (!oneWay) network.cut(other, lonely);
    }
    network.after(this.#between(300, 4000), () => {
      for (const other of others) {
        network.heal(lonely, other);
        network.heal(other, lonely);
      }
    });
  }

  #move(): void {
    const { tags } = this.#world;
    const tag = tags[Math.floor(this.#world.random() * tags.length)] ?? 'T';
    const from = this.#world.actor(tag);
    const to = this.#pick();
    if (from === undefined || from === to) return;
    this.#world.node(from).call((mesh, nowMs) => {
      mesh.handOver(tag, to, nowMs);
    });
  }

  #heal(): void {
    const { network, nodes } = this.#world;
    network.weather = { ...network.weather, loss: 0, reorder: 0, duplicate: 0 };
    network.healAll();
    for (const node of nodes.values()) {
      node.resume();
      if (node.process === 0) node.start();
    }
    this.#world.run(Math.min(QUIET_MS, 6000));
    network.healAll();
  }

  #pick(): string {
    return this.#pods[Math.floor(this.#world.random() * this.#pods.length)] ?? 'A';
  }

  #between(low: number, high: number): number {
    return low + (high - low) * this.#world.random();
  }
}

/** Calm, lossy, rough and slow in turn. */
export function weatherOf(seed: number): Weather {
  const rough = seed % 4;
  return {
    delayMs: rough === 3 ? [20, 40] : [0.2, 2],
    loss: [0, 0.02, 0.1, 0.05][rough] ?? 0,
    duplicate: rough > 0 ? 0.05 : 0,
    reorder: rough > 1 ? 0.1 : 0,
    diskMs: rough === 2 ? [1, 60] : [0.5, 5],
  };
}

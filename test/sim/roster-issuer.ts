import type { Member, RosterConfig } from '../../src/gossip/index.ts';
import type { World } from './world.ts';

const SUSPECT_AFTER_MS = 1000;

/** Changes the roster by the rules of OWNERSHIP 7, as an operator will. */
export class RosterIssuer {
  readonly #world: World;
  #previous: RosterConfig;
  #present: RosterConfig;

  constructor(world: World, first: RosterConfig) {
    this.#world = world;
    this.#previous = first;
    this.#present = first;
  }

  get members(): readonly Member[] {
    return this.#present.members;
  }

  /**
   * Waits until a majority of the previous roster has adopted the present one, and `suspectAfter` more, then hands the next one to one
   * member; the others get it from each other. False if that majority does not come within `withinMs`.
   */
  issue(members: readonly Member[], withinMs = 10_000): boolean {
    const endMs = this.#world.nowMs + withinMs;
    let answers = this.#adopted();
    while (answers.length < majority(this.#previous)) {
      if (this.#world.nowMs >= endMs) return false;
      this.#world.run(20);
      answers = this.#adopted();
    }
    this.#world.run(SUSPECT_AFTER_MS);
    const floor = new Map<string, number>();
    for (const granted of answers)
      for (const [tag, epoch] of granted) floor.set(tag, Math.max(epoch, floor.get(tag) ?? 0));
    this.#previous = this.#present;
    this.#present = { number: this.#present.number + 1, members, floor };
    this.tell(...members.map((member) => member.pod));
    return true;
  }

  /** Hands the present roster to the first of these pods that runs. */
  tell(...pods: string[]): void {
    const node = pods
      .map((pod) => this.#world.nodes.get(pod))
      .find((candidate) => candidate?.running === true);
    node?.call((mesh, nowMs) => {
      mesh.adoptRoster(this.#present, nowMs);
    });
  }

  /** Highest grants of the members of the previous roster that have the present one. */
  #adopted(): ReadonlyMap<string, number>[] {
    return this.#previous.members.flatMap(({ pod }) => {
      const node = this.#world.nodes.get(pod);
      const report = node?.running === true ? node.mesh?.report(node.clockMs) : undefined;
      return report !== undefined && report.roster.number >= this.#present.number ? [report.granted] : [];
    });
  }
}

function majority(roster: RosterConfig): number {
  return Math.floor(roster.members.length / 2) + 1;
}

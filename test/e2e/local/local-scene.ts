import { afterAll, beforeAll } from '@jest/globals';
import type { Pod } from '../../../src/kube/objects.ts';
import type { TalkCall } from '../../../src/local/talk.ts';
import { LocalFleet, type LocalFleetOptions } from './local-fleet.ts';

const START_MS = 120_000;

/** A fleet with calls through it, for the tests of one block. */
export class LocalScene {
  #opened: { fleet: LocalFleet; calls: TalkCall[] } | undefined;

  get fleet(): LocalFleet {
    return this.#now.fleet;
  }

  /** Calls that are up from the start. */
  get calls(): TalkCall[] {
    return this.#now.calls;
  }

  async open(options: LocalFleetOptions, calls: number): Promise<void> {
    const fleet = await LocalFleet.start(options);
    this.#opened = { fleet, calls: [] };
    this.#opened.calls = await fleet.hold(calls);
  }

  async close(): Promise<void> {
    await this.#opened?.fleet.stop();
  }

  /** The pod that carries most calls. Rejects if none carries any. */
  async busiest(): Promise<Pod> {
    const { fleet, calls } = this;
    const [most] = (await fleet.pods()).toSorted(
      (left, right) => fleet.at(calls, [right]).length - fleet.at(calls, [left]).length,
    );
    if (most === undefined || fleet.at(calls, [most]).length === 0) throw new Error('no pod carries calls');
    return most;
  }

  get #now(): { fleet: LocalFleet; calls: TalkCall[] } {
    if (this.#opened === undefined) throw new Error('the fleet was not started');
    return this.#opened;
  }
}

/** Opens a scene with so many calls before the tests of the block, and closes it after them. */
export function openScene(calls: number, options: LocalFleetOptions = {}): LocalScene {
  const scene = new LocalScene();
  beforeAll(() => scene.open(options, calls), START_MS);
  afterAll(() => scene.close());
  return scene;
}

import { hostPort } from '../../src/local/phone-address.ts';
import { TALK_ENDS, type Talk } from '../../src/local/talk.ts';
import { TalkLedger } from '../../src/local/talk-ledger.ts';
import { Fleet, type FleetOptions, type HeldCall } from './fleet.ts';
import { Steering, withControl } from './steering.ts';

/** The timers of RFC 3261: a phone repeats nothing before half a second is over. */
const TIMING = { t1Ms: 500, t2Ms: 4000 };
const LAST_ANSWERS_MS = 5000;

/** How a steered fleet is started beside a fleet. */
export interface SteeredOptions extends FleetOptions {
  /** Tag to group; six tags without a group if not given. The first pod owns them all. */
  tags?: Readonly<Record<string, string>>;
}

/** Three pods and phones at the timers of RFC 3261, and what steers them. */
export class SteeredFleet {
  readonly fleet: Fleet;
  readonly steering: Steering;
  /** In order. */
  readonly tags: readonly string[];

  private constructor(fleet: Fleet, steering: Steering, tags: readonly string[]) {
    this.fleet = fleet;
    this.steering = steering;
    this.tags = tags;
  }

  static async start(options: SteeredOptions = {}): Promise<SteeredFleet> {
    const groups =
      options.tags ?? Object.fromEntries([0, 1, 2, 3, 4, 5].map((tag) => [`edge-0${String(tag)}`, '']));
    const tags = Object.keys(groups);
    const fleet = await Fleet.start({
      caller: { timing: TIMING },
      callee: { timing: TIMING },
      ...options,
      configure: (config, place) => {
        withControl(config, place);
        config['shards'] = tags;
        config['placement'] = Object.fromEntries(tags.map((tag) => [tag, 'edge-0']));
        config['sip'] = {};
        options.configure?.(config, place);
      },
    });
    const placement = fleet.pods.map(({ name }) => name);
    const wanted = tags.map((tag) => ({ tag, group: groups[tag] ?? '', placement }));
    const steering = new Steering(fleet.pods, wanted, hostPort(fleet.callees.local));
    const steered = new SteeredFleet(fleet, steering, tags);
    await steered.tellAll();
    return steered;
  }

  /** Tells every pod what all are told, and nothing else. */
  async tellAll(): Promise<void> {
    for (const pod of this.fleet.pods) await this.steering.tell(pod);
  }

  /** Moves tags between two pods, by their places; all tags of the first if none are named. */
  async move(from: number, to: number, tags?: readonly string[]): Promise<void> {
    await this.steering.move(this.fleet.pod(from), this.fleet.pod(to), tags);
  }

  /** Calls whose two ends are not both shown this pod. */
  elsewhere(calls: readonly HeldCall[], index: number): string[] {
    return calls
      .filter((call) => TALK_ENDS.some((end) => this.fleet.podShown(call, end) !== this.fleet.pod(index)))
      .map(({ caller }) => caller.name);
  }

  async stop(): Promise<void> {
    this.steering.close();
    await this.fleet.stop();
  }
}

/** Stops a talk and says what should not have happened in it. */
export async function faultsOf(talk: Talk): Promise<string[]> {
  await talk.stop(LAST_ANSWERS_MS);
  return new TalkLedger(talk).faults();
}

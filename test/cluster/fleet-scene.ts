import { afterAll, beforeAll } from '@jest/globals';
import type { Pod } from '../../src/kube/objects.ts';
import type { TalkCall } from '../../src/local/talk.ts';
import { until } from '../../src/local/until.ts';
import { ClusterFleet, type ClusterFleetOptions } from './cluster-fleet.ts';

const START_MS = 240_000;
/** How long what is waited for may take. */
const WAIT_MS = 240_000;
/** Pods share this machine with whatever else runs. */
const SPEC = '  failover: { suspectAfter: 6s }';
/** Calls that are up in a scene. */
export const CALLS = 24;

/** A fleet of four nodes and three pods with calls through it, for the tests of one file. */
export class FleetScene {
  #opened: { fleet: ClusterFleet; calls: TalkCall[] } | undefined;

  get fleet(): ClusterFleet {
    return this.#now.fleet;
  }

  get calls(): TalkCall[] {
    return this.#now.calls;
  }

  async open(options: ClusterFleetOptions): Promise<void> {
    const fleet = await ClusterFleet.start(options);
    this.#opened = { fleet, calls: [] };
    this.#opened.calls = await fleet.hold(CALLS);
  }

  async close(): Promise<void> {
    await this.#opened?.fleet.stop();
  }

  async anyPod(): Promise<Pod> {
    const [pod] = await this.fleet.pods();
    if (pod === undefined) throw new Error('there are no pods');
    return pod;
  }

  /** Waits until none of these pods is there. */
  untilReplaced(old: readonly Pod[]): Promise<void> {
    const uids = new Set(old.map(({ metadata }) => metadata.uid));
    return until(
      async () => (await this.fleet.pods()).every(({ metadata }) => !uids.has(metadata.uid)),
      WAIT_MS,
      'every pod to be replaced',
    );
  }

  get #now(): { fleet: ClusterFleet; calls: TalkCall[] } {
    if (this.#opened === undefined) throw new Error('the fleet was not started');
    return this.#opened;
  }
}

/** Opens a scene before the tests that follow, and closes it after them. `spec`: more lines of the SipCluster's. */
export function openScene(spec = '', options: ClusterFleetOptions = {}): FleetScene {
  const scene = new FleetScene();
  beforeAll(() => scene.open({ nodes: 4, ...options, spec: `${SPEC}\n${spec}` }), START_MS);
  afterAll(() => scene.close());
  return scene;
}

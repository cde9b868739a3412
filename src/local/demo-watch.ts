import type { PodStatus } from '../api/pod-report.ts';
import type { DemoScreen } from './demo-screen.ts';
import type { StaticPod } from './static-pod.ts';
import { pause } from './until.ts';
import { wallClockMs } from './wall-clock.ts';

const POLL_MS = 20;

/** Asks the survivors of a failure what they know, and puts each piece of news on the screen once. */
export class FailoverWatch {
  readonly #screen: DemoScreen;
  readonly #victim: StaticPod;
  readonly #survivors: readonly StaticPod[];
  /** Tags of the victim that nobody else is known to own yet. */
  readonly #orphans: Set<string>;
  readonly #noticed = new Set<string>();

  private constructor(
    screen: DemoScreen,
    victim: StaticPod,
    roles: { survivors: readonly StaticPod[]; tags: string[] },
  ) {
    this.#screen = screen;
    this.#victim = victim;
    this.#survivors = roles.survivors;
    this.#orphans = new Set(roles.tags);
  }

  /** Learns who owns what before the failure, and says so. */
  static async begin(
    screen: DemoScreen,
    victim: StaticPod,
    survivors: readonly StaticPod[],
  ): Promise<FailoverWatch> {
    const pods = [victim, ...survivors];
    const owned = await Promise.all(pods.map(async (pod) => tagsOf(await pod.status(), pod.name)));
    pods.forEach((pod, index) => {
      screen.event(wallClockMs(), `${pod.name} owns ${(owned[index] ?? []).join(' ')}`, 'dim');
    });
    return new FailoverWatch(screen, victim, { survivors, tags: owned[0] ?? [] });
  }

  /** Watches as long as `running` says so. */
  async follow(running: () => boolean): Promise<void> {
    while (running()) {
      const reports = await Promise.all(this.#survivors.map((pod) => pod.status()));
      const atMs = wallClockMs();
      this.#survivors.forEach((pod, index) => {
        const status = reports[index];
        if (status !== undefined) this.#news(pod, status, atMs);
      });
      await pause(POLL_MS);
    }
  }

  #news(pod: StaticPod, status: PodStatus, atMs: number): void {
    const dead = status.members.some((member) => member.pod === this.#victim.name && !member.alive);
    if (dead && !this.#noticed.has(pod.name)) {
      this.#noticed.add(pod.name);
      this.#screen.event(atMs, `${pod.name} noticed that ${this.#victim.name} is gone`);
    }
    const taken = tagsOf(status, pod.name).filter((tag) => this.#orphans.delete(tag));
    if (taken.length > 0) this.#screen.event(atMs, `${pod.name} now owns ${taken.join(' ')}`, 'good');
  }
}

/** Tags that a pod says are its own. */
function tagsOf(status: PodStatus | undefined, pod: string): string[] {
  return (status?.tags ?? []).filter((tag) => tag.owner === pod).map((tag) => tag.tag);
}

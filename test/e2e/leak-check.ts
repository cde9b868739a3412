import type { PodStatus } from '../../src/api/pod-report.ts';
import type { StaticPod } from '../../src/local/static-pod.ts';
import { until } from '../../src/local/until.ts';

/** A tag has one copy that is no dialog: how many of its calls ring. */
const TALLY_OF_RINGING = 1;
const FORGOTTEN_WITHIN_MS = 20_000;

/** Holds pods to it that nothing is left of calls which have ended. */
export class LeakCheck {
  /** Timers that a pod has of its own, before the first call. */
  readonly #ownTimers: ReadonlyMap<StaticPod, number>;

  private constructor(ownTimers: ReadonlyMap<StaticPod, number>) {
    this.#ownTimers = ownTimers;
  }

  /** Looks at the pods before their first call. */
  static async begin(pods: readonly StaticPod[]): Promise<LeakCheck> {
    const idle = await Promise.all(
      pods.map(async (pod): Promise<[StaticPod, number]> => [pod, (await pod.status())?.timers ?? 0]),
    );
    return new LeakCheck(new Map(idle));
  }

  /** Waits until no dialog, copy, transaction, timer or held message is left in the pods; throws, naming what is, if that does not come. */
  async passed(pods: readonly StaticPod[]): Promise<void> {
    let left: string[] = [];
    const nothing = async (): Promise<boolean> => {
      const found = await Promise.all(pods.map(async (pod) => this.#leftOvers(pod, await pod.status())));
      left = found.flat();
      return left.length === 0;
    };
    await until(nothing, FORGOTTEN_WITHIN_MS, 'the pods to forget their calls').catch((error: unknown) => {
      throw new Error(`left over: ${left.join(', ')}`, { cause: error });
    });
  }

  #leftOvers(pod: StaticPod, status: PodStatus | undefined): string[] {
    if (status === undefined) return [`${pod.name} says nothing`];
    const copies = status.tags.filter((tag) => tag.copies > TALLY_OF_RINGING);
    const counts: [what: string, count: number][] = [
      ['early dialogs', status.dialogs.early],
      ['confirmed dialogs', status.dialogs.confirmed],
      ['transactions', status.transactions],
      ['timers', status.timers - (this.#ownTimers.get(pod) ?? 0)],
      ['held messages', status.heldMessages],
      ...copies.map((tag): [string, number] => [
        `copies in ${tag.tag} (${tag.role}, ${tag.owner} owns it)`,
        tag.copies,
      ]),
    ];
    return counts
      .filter(([, count]) => count > 0)
      .map(([what, count]) => `${pod.name}: ${String(count)} ${what}`);
  }
}

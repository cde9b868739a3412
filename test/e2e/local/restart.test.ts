import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { PodStatus } from '../../../src/api/pod-report.ts';
import { HTTP_PORT } from '../../../src/api/pod-ports.ts';
import type { Pod } from '../../../src/kube/objects.ts';
import { podAt } from '../../../src/local/demo-view.ts';
import { hostPort } from '../../../src/local/phone-address.ts';
import type { TalkCall } from '../../../src/local/talk.ts';
import { pause, until } from '../../../src/local/until.ts';
import { LocalFleet, PUBLIC_PORT } from './local-fleet.ts';

const START_MS = 120_000;
const TIMEOUT_MS = 120_000;
const BACK_WITHIN_MS = 60_000;
const CALLS = 9;
const TAGS = 6;
const TALK_MS = 1500;

describe('pods that start again while the operator hangs', () => {
  let fleet: LocalFleet;
  let pods: Pod[];

  beforeAll(async () => {
    fleet = await LocalFleet.start({ shards: TAGS });
    pods = await fleet.pods();
    await signalOperator('pause');
  }, START_MS);

  afterAll(async () => {
    await fleet.stop();
  });

  async function signalOperator(signal: 'pause' | 'resume'): Promise<void> {
    const [operator] = await fleet.cluster.operators();
    await fleet.rehome(signal, operator?.metadata.name ?? '', '-n', 'rehome-system');
  }

  /** What a pod says of itself; undefined while it does not answer. */
  async function statusOf(pod: Pod): Promise<PodStatus | undefined> {
    const url = `http://${hostPort(podAt(pod, HTTP_PORT))}/debug/status`;
    const answer = await fetch(url).catch(() => undefined);
    return (await answer?.json()) as PodStatus | undefined;
  }

  /** Waits until another process than that one says that it is ready. */
  async function startedAgain(pod: Pod, boot: string): Promise<void> {
    let last: PodStatus | undefined;
    const isBack = async (): Promise<boolean> => {
      last = await statusOf(pod);
      return last?.boot !== boot && last?.ready === true;
    };
    await until(isBack, BACK_WITHIN_MS, 'the pod to be ready again').catch((error: unknown) => {
      throw new Error(`${String(error)}: ${last?.reason ?? 'it does not answer'}`, { cause: error });
    });
  }

  /** An INFO of the caller's that goes to that pod instead of the one that it was shown; its final status. */
  async function infoThrough(pod: Pod, { caller }: TalkCall): Promise<number> {
    const remoteTarget = caller.dialog.remoteTarget.replace(
      caller.farContact,
      hostPort(podAt(pod, PUBLIC_PORT)),
    );
    return (await caller.request('INFO', { dialog: { ...caller.dialog, remoteTarget } })).status;
  }

  test(
    'a killed pod joins by its voter file, hands on new calls and requests of others, and holds copies again',
    async () => {
      const [, pod] = pods;
      if (pod === undefined) throw new Error('no pod');
      const calls = await fleet.hold(CALLS, pods);
      const { boot = '' } = (await statusOf(pod)) ?? {};
      const hit = fleet.at(calls, [pod]);
      expect(hit.length).toBeGreaterThan(0);
      const faults = await fleet.faultsWhile(calls, async () => {
        await pause(TALK_MS);
        fleet.noteDeath(hit);
        await fleet.rehome('kill', pod.metadata.name);
        await fleet.untilAway(hit, [pod]);
        await startedAgain(pod, boot);
        const fresh = await fleet.hold(3, [pod]);
        expect(fleet.at(fresh, [pod])).toEqual([]);
        expect(await fleet.useAll(fresh)).toEqual([]);
        const holdsCopies = async (): Promise<boolean> =>
          (await statusOf(pod))?.tags.every(({ role, inSync }) => role === 'standby' && inSync) === true;
        await until(holdsCopies, BACK_WITHIN_MS, 'the pod to hold a copy of every tag');
      });
      expect(faults).toEqual([]);
      for (const call of calls) expect(await infoThrough(pod, call)).toBe(200);
      expect(await fleet.useAll(calls)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    'all pods are killed at once: service is back, and the operator finds it so',
    async () => {
      const [first] = pods;
      if (first === undefined) throw new Error('no pod');
      const boots = await Promise.all(pods.map(async (pod) => (await statusOf(pod))?.boot ?? ''));
      const epochs = new Map((await statusOf(first))?.tags.map(({ tag, epoch }) => [tag, epoch]));
      expect(epochs.size).toBe(TAGS);
      await Promise.all(pods.map(({ metadata }) => fleet.rehome('kill', metadata.name)));
      for (const [index, pod] of pods.entries()) await startedAgain(pod, boots[index] ?? '');
      const tags = (await statusOf(first))?.tags ?? [];
      expect(tags).toHaveLength(TAGS);
      for (const { tag, epoch } of tags) expect(epoch).toBeGreaterThan(epochs.get(tag) ?? Infinity);
      const fresh = await fleet.hold(6, pods);
      expect(await fleet.useAll(fresh)).toEqual([]);
      await signalOperator('resume');
      await fleet.settled(3);
    },
    TIMEOUT_MS,
  );
});

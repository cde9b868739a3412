import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { SipClusterStatus } from '../../../src/api/sip-cluster-type.ts';
import type { Pod } from '../../../src/kube/objects.ts';
import type { TalkCall } from '../../../src/local/talk.ts';
import { pause, until } from '../../../src/local/until.ts';
import { LocalFleet } from './local-fleet.ts';

const START_MS = 120_000;
const TIMEOUT_MS = 180_000;
const CALLS = 12;
const TALK_MS = 2000;
const TAKEN_WITHIN_MS = 60_000;
const LOST_GRANTS = 999;

describe('two of three pods are lost for good', () => {
  let fleet: LocalFleet;
  let calls: TalkCall[];

  beforeAll(async () => {
    fleet = await LocalFleet.start();
    calls = await fleet.hold(CALLS);
  }, START_MS);

  afterAll(async () => {
    await fleet.stop();
  });

  async function status(): Promise<SipClusterStatus> {
    const found = (await fleet.cluster.sipCluster()).status;
    if (found === undefined) throw new Error('the SipCluster has no status');
    return found;
  }

  /** The epochs of what these pods own. */
  async function epochsOf(pods: readonly Pod[]): Promise<Map<string, number>> {
    const names = pods.map(({ metadata }) => metadata.name);
    const { shards } = await fleet.look();
    const owned = shards.filter(({ status: is }) => names.includes(is?.owner ?? ''));
    return new Map(owned.map(({ metadata, status: is }) => [metadata.name, is?.epoch ?? 0]));
  }

  /** A new generation leaves room above each epoch known, for grants that were lost with their voters. */
  async function untilAbove(known: ReadonlyMap<string, number>): Promise<void> {
    const isAbove = async (): Promise<boolean> => {
      const now = await epochsOf(await fleet.pods());
      return [...known].every(([name, epoch]) => (now.get(name) ?? 0) > epoch + LOST_GRANTS);
    };
    await until(isAbove, TAKEN_WITHIN_MS, 'every tag that was lost to be owned far above its epoch');
  }

  /** The pod that stays, and those that do not. */
  async function choose(): Promise<{ kept: Pod; lost: Pod[] }> {
    const [kept, ...lost] = await fleet.pods();
    if (kept === undefined) throw new Error('there are no pods');
    expect(fleet.at(calls, [kept]).length).toBeGreaterThan(0);
    return { kept, lost };
  }

  test(
    'deleted by force: the third begins a new generation, and all calls live on',
    async () => {
      const { kept, lost } = await choose();
      const known = await epochsOf(lost);
      const { roster } = await status();
      const faults = await fleet.faultsWhile(calls, async () => {
        await pause(TALK_MS);
        fleet.noteDeath(fleet.at(calls, lost));
        await fleet.rehome('delete', 'pod', ...lost.map(({ metadata }) => metadata.name), '--force');
        await untilAbove(known);
        await fleet.settled(3);
      });
      expect(faults).toEqual([]);
      const after = await status();
      expect(after.roster?.generation).toBe((roster?.generation ?? 0) + 1);
      expect(after.conditions.find(({ type }) => type === 'Quorum')?.status).toBe('True');
      expect(await fleet.events('edge')).toContain('RosterReset');
      expect((await fleet.pod(kept.metadata.name)).metadata.uid).toBe(kept.metadata.uid);
    },
    TIMEOUT_MS,
  );

  test(
    'silent, and given up by the annotation: the third serves all calls until they are replaced',
    async () => {
      const { kept, lost } = await choose();
      const known = await epochsOf(lost);
      const { roster } = await status();
      fleet.noteDeath(fleet.at(calls, lost));
      await fleet.rehome('pause', ...lost.map(({ metadata }) => metadata.name));
      const quorum = async (): Promise<string | undefined> =>
        (await status()).conditions.find(({ type }) => type === 'Quorum')?.reason;
      const isLost = async (): Promise<boolean> => (await quorum()) === 'MajorityLost';
      await until(isLost, TAKEN_WITHIN_MS, 'the majority to be missed');
      expect(await fleet.events('edge')).toContain('QuorumLost');
      expect(await epochsOf(lost)).toEqual(known);
      await fleet.rehome('annotate', 'sipcluster', 'edge', 'sip.rehome.dev/new-roster=two machines hang');
      await untilAbove(known);
      const after = await status();
      expect(after.roster?.generation).toBe((roster?.generation ?? 0) + 1);
      expect(after.roster?.handledRequest).toBe('two machines hang');
      await fleet.untilAway(calls, lost);
      await fleet.rehome('delete', 'pod', ...lost.map(({ metadata }) => metadata.name), '--force');
      await fleet.settled(3);
      expect(await quorum()).toBe('AsDesired');
      expect(await fleet.events('edge')).toContain('QuorumRegained');
      expect((await fleet.pod(kept.metadata.name)).metadata.uid).toBe(kept.metadata.uid);
      expect(await fleet.useAll(calls)).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

import { describe, expect, test } from '@jest/globals';
import type { SipClusterStatus } from '../../../src/api/sip-cluster-type.ts';
import type { Pod } from '../../../src/kube/objects.ts';
import { pause, until } from '../../../src/local/until.ts';
import { openScene } from './local-scene.ts';

const TIMEOUT_MS = 180_000;
const CALLS = 12;
const TALK_MS = 2000;
const TAKEN_WITHIN_MS = 60_000;
const LOST_GRANTS = 999;

describe('two of three pods are lost for good', () => {
  const scene = openScene(CALLS);

  async function status(): Promise<SipClusterStatus> {
    const found = (await scene.fleet.cluster.sipCluster()).status;
    if (found === undefined) throw new Error('the SipCluster has no status');
    return found;
  }

  /** The epochs of what these pods own. */
  async function epochsOf(pods: readonly Pod[]): Promise<Map<string, number>> {
    const names = pods.map(({ metadata }) => metadata.name);
    const { shards } = await scene.fleet.look();
    const owned = shards.filter(({ status: is }) => names.includes(is?.owner ?? ''));
    return new Map(owned.map(({ metadata, status: is }) => [metadata.name, is?.epoch ?? 0]));
  }

  /** A new generation leaves room above each epoch known, for grants that were lost with their voters. */
  async function untilAbove(known: ReadonlyMap<string, number>): Promise<void> {
    const isAbove = async (): Promise<boolean> => {
      const now = await epochsOf(await scene.fleet.pods());
      return [...known].every(([name, epoch]) => (now.get(name) ?? 0) > epoch + LOST_GRANTS);
    };
    await until(isAbove, TAKEN_WITHIN_MS, 'every tag that was lost to be owned far above its epoch');
  }

  /** The pod that stays, and those that do not. */
  async function choose(): Promise<{ kept: Pod; lost: Pod[] }> {
    const [kept, ...lost] = await scene.fleet.pods();
    if (kept === undefined) throw new Error('there are no pods');
    expect(scene.fleet.at(scene.calls, [kept]).length).toBeGreaterThan(0);
    return { kept, lost };
  }

  test(
    'deleted by force: the third begins a new generation, and all calls live on',
    async () => {
      const { kept, lost } = await choose();
      const known = await epochsOf(lost);
      const { roster } = await status();
      const faults = await scene.fleet.faultsWhile(scene.calls, async () => {
        await pause(TALK_MS);
        scene.fleet.noteDeath(scene.fleet.at(scene.calls, lost));
        await scene.fleet.rehome('delete', 'pod', ...lost.map(({ metadata }) => metadata.name), '--force');
        await untilAbove(known);
        await scene.fleet.settled(3);
      });
      expect(faults).toEqual([]);
      const after = await status();
      expect(after.roster?.generation).toBe((roster?.generation ?? 0) + 1);
      expect(after.conditions.find(({ type }) => type === 'Quorum')?.status).toBe('True');
      expect(await scene.fleet.events('edge')).toContain('RosterReset');
      expect((await scene.fleet.pod(kept.metadata.name)).metadata.uid).toBe(kept.metadata.uid);
    },
    TIMEOUT_MS,
  );

  test(
    'silent, and given up by the annotation: the third serves all calls until they are replaced',
    async () => {
      const { kept, lost } = await choose();
      const known = await epochsOf(lost);
      const { roster } = await status();
      scene.fleet.noteDeath(scene.fleet.at(scene.calls, lost));
      await scene.fleet.rehome('pause', ...lost.map(({ metadata }) => metadata.name));
      const quorum = async (): Promise<string | undefined> =>
        (await status()).conditions.find(({ type }) => type === 'Quorum')?.reason;
      const isLost = async (): Promise<boolean> => (await quorum()) === 'MajorityLost';
      await until(isLost, TAKEN_WITHIN_MS, 'the majority to be missed');
      expect(await scene.fleet.events('edge')).toContain('QuorumLost');
      expect(await epochsOf(lost)).toEqual(known);
      await scene.fleet.rehome(
        'annotate',
        'sipcluster',
        'edge',
        'sip.rehome.dev/new-roster=two machines hang',
      );
      await untilAbove(known);
      const after = await status();
      expect(after.roster?.generation).toBe((roster?.generation ?? 0) + 1);
      expect(after.roster?.handledRequest).toBe('two machines hang');
      await scene.fleet.untilAway(scene.calls, lost);
      await scene.fleet.rehome('delete', 'pod', ...lost.map(({ metadata }) => metadata.name), '--force');
      await scene.fleet.settled(3);
      expect(await quorum()).toBe('AsDesired');
      expect(await scene.fleet.events('edge')).toContain('QuorumRegained');
      expect((await scene.fleet.pod(kept.metadata.name)).metadata.uid).toBe(kept.metadata.uid);
      expect(await scene.fleet.useAll(scene.calls)).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

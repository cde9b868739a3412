import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { hostPort } from '../../src/local/phone-address.ts';
import { Talk, TALK_ENDS } from '../../src/local/talk.ts';
import { TalkLedger } from '../../src/local/talk-ledger.ts';
import { pause } from '../../src/local/until.ts';
import { hangUp, type Fleet, type HeldCall } from './fleet.ts';
import { faultsOf, SteeredFleet } from './steered-fleet.ts';

const TIMEOUT_MS = 120_000;
const CALLS = 12;
const TALK_EVERY_MS = 500;
const SETTLES_MS = 1500;
const LEAVES_MS = 3500;
const PREMIUM = 'gold-*';

describe('new calls of a steered pod', () => {
  let steered: SteeredFleet;
  let fleet: Fleet;
  let gold = 0;

  beforeEach(async () => {
    steered = await SteeredFleet.start({ tags: { plain: '', other: '', gold: 'premium' } });
    ({ fleet } = steered);
    const { routes } = steered.steering.shared;
    routes.unshift({
      from: 'public',
      match: { requestUri: PREMIUM },
      to: 'callees',
      via: 'internal',
      shardGroup: 'premium',
    });
    await steered.tellAll();
  }, TIMEOUT_MS);

  afterEach(async () => {
    await steered.stop();
  });

  /** Sets up calls to numbers of the premium route through a pod. */
  async function holdGold(count: number, index: number): Promise<HeldCall[]> {
    const pod = fleet.pod(index);
    const placed = Array.from({ length: count }, () => {
      gold += 1;
      const name = `gold-${String(gold)}`;
      return fleet.callers.place(pod.place.public, name);
    });
    return Promise.all(placed.map((caller) => fleet.answered(caller, pod)));
  }

  async function dialogsOf(index: number): Promise<Record<string, number>> {
    // Counts are up to a second old.
    await pause(SETTLES_MS);
    return (await steered.steering.report(fleet.pod(index))).dialogs;
  }

  test(
    'get tags of their route’s group, whichever pod they reach, and the group moves alone',
    async () => {
      const plain = await fleet.hold(CALLS, fleet.pod(0));
      const premium = await holdGold(CALLS, 0);
      expect(await dialogsOf(0)).toMatchObject({ gold: CALLS });
      const talk = new Talk([...plain, ...premium], { everyMs: TALK_EVERY_MS });
      await steered.move(0, 1, ['gold']);
      await fleet.allRehomed(premium);
      await pause(SETTLES_MS);
      expect(await faultsOf(talk)).toEqual([]);
      const ledger = new TalkLedger(talk);
      expect(ledger.sum(plain).reinvites).toEqual({ least: 0, most: 0 });
      expect(ledger.sum(premium).reinvites).toEqual({ least: 1, most: 1 });
      const more = await holdGold(CALLS, 0);
      const others = await fleet.hold(CALLS, fleet.pod(1));
      expect(await dialogsOf(1)).toEqual({ gold: 2 * CALLS });
      expect(steered.elsewhere(more, 1)).toEqual([]);
      expect(steered.elsewhere(others, 0)).toEqual([]);
      for (const call of [...more, ...others]) await hangUp(call, 'callee');
    },
    TIMEOUT_MS,
  );

  test(
    'are all answered while the pod that they reach is emptied, and end up elsewhere',
    async () => {
      await steered.steering.tell(fleet.pod(0), { cordoned: true });
      const placed: HeldCall[] = [];
      const moves = new Map(steered.tags.map((tag) => [tag, 'edge-1'] as const));
      const endMs = Date.now() + LEAVES_MS;
      await steered.steering.tell(fleet.pod(0), { cordoned: true, handOver: moves });
      while (Date.now() < endMs)
        placed.push(...(await fleet.hold(1, fleet.pod(0))), ...(await holdGold(1, 0)));
      await pause(SETTLES_MS);
      expect(placed.length).toBeGreaterThan(5);
      expect(steered.elsewhere(placed, 1)).toEqual([]);
      for (const call of placed) for (const end of TALK_ENDS) expect(call[end].ledger.errors).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    'go by new targets at once, while a call under way keeps its own',
    async () => {
      const [before] = await fleet.hold(1, fleet.pod(0));
      const nobody = {
        name: 'callees',
        addresses: [{ address: '127.0.0.1', port: 1, transport: 'UDP' as const }],
      };
      steered.steering.shared.targets = [nobody];
      await steered.tellAll();
      await expect(fleet.hold(1, fleet.pod(0))).rejects.toThrow(/got (503|408)/);
      const [address = '', port = ''] = hostPort(fleet.callees.local).split(':');
      steered.steering.shared.targets = [
        { name: 'callees', addresses: [{ address, port: Number(port), transport: 'UDP' }] },
      ];
      await steered.tellAll();
      await fleet.hold(1, fleet.pod(0));
      if (before === undefined) throw new Error('no call');
      await hangUp(before, 'caller');
    },
    TIMEOUT_MS,
  );
});

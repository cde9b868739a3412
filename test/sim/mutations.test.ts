import { afterEach, describe, expect, it } from '@jest/globals';
import { Ballot } from '../../src/gossip/ballot.ts';
import { CopyStore } from '../../src/gossip/copy-store.ts';
import { MeshCore } from '../../src/gossip/core.ts';
import { EndedKeys } from '../../src/gossip/ended-keys.ts';
import { Lease } from '../../src/gossip/lease.ts';
import { Ownership } from '../../src/gossip/ownership.ts';
import { Voter } from '../../src/gossip/voter.ts';
import { runChaos } from './chaos.ts';
import { cutBoth, settled, standbys } from './settled-world.ts';

/*
 * The simulation is worth what it catches: each rule of the protocol is broken here on purpose, by a patched prototype, and some seed must
 * notice. Production code has no switch for any of this.
 */

const SEEDS = 120;
const restores: (() => void)[] = [];

function patch<T extends object, K extends keyof T>(target: T, name: K, value: unknown): void {
  const original = Object.getOwnPropertyDescriptor(target, name);
  if (original === undefined) throw new Error(`no ${String(name)} to patch`);
  const changed =
    original.get === undefined ? { ...original, value } : { ...original, get: value as () => unknown };
  Object.defineProperty(target, name, changed);
  restores.push(() => Object.defineProperty(target, name, original));
}

afterEach(() => {
  for (const restore of restores.splice(0)) restore();
});

/** The first broken promise over some seeds, without the name of the seed. */
function firstBreach(): string {
  for (let seed = 1; seed <= SEEDS; seed++)
    try {
      runChaos({ seed });
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  return 'every promise kept';
}

function breachOf(scenario: () => void): string {
  try {
    scenario();
    return 'every promise kept';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The voter that elected the second owner dies before its disk has the grant, and comes back to elect another one. */
function voterThatCrashesAfterItsGrant(): void {
  const world = settled();
  world.network.weather = { ...world.network.weather, diskMs: [300, 300] };
  world.node('A').crash(true);
  const [winner = '', voter = ''] = ['B', 'C'].sort(
    (a, b) => standbys(world, a).indexOf(a) - standbys(world, b).indexOf(b),
  );
  world.runUntil(() => world.epoch() > 1, 5000);
  for (const pod of ['A', voter]) cutBoth(world, winner, pod);
  world.node(voter).crash();
  world.run(50);
  world.node('A').start();
  world.node(voter).start();
  world.run(6000);
}

/** C hears owner and claimant, which do not hear each other; it answers a probe of the owner and restarts. */
function voterThatRestartsBetweenOwnerAndClaimant(): void {
  const world = settled();
  cutBoth(world, 'A', 'B');
  world.run(3000);
  for (let time = 0; time < 20 && world.actor() === 'A'; time++) {
    world.node('C').crash();
    world.network.cut('A', 'C');
    world.run(5);
    world.node('C').start();
    world.run(300);
    world.network.heal('A', 'C');
    world.run(1500);
  }
}

describe('the simulation notices', () => {
  it('a voter that grants one epoch twice', () => {
    const { judge } = Ballot.prototype;
    patch(Ballot.prototype, 'judge', function (this: Ballot, ...args: Parameters<Ballot['judge']>) {
      const answer = judge.apply(this, args);
      return answer === 'granted' ? 'yes' : answer;
    });
    expect(firstBreach()).toMatch(/two owners|may act/);
  });

  it('a voter that forgets its file at a restart', () => {
    const { granted } = Voter.prototype;
    const seen = new WeakMap<Voter, Set<string>>();
    const { grant } = Voter.prototype;
    patch(Voter.prototype, 'grant', function (this: Voter, ...args: Parameters<Voter['grant']>) {
      const tags = seen.get(this) ?? new Set<string>();
      seen.set(this, tags.add(args[0].tag));
      grant.apply(this, args);
    });
    patch(Voter.prototype, 'granted', function (this: Voter, tag: string) {
      return seen.get(this)?.has(tag) === true ? granted.call(this, tag) : undefined;
    });
    expect(firstBreach()).toMatch(/two owners|may act/);
  });

  it('an answer that leaves before it is on disk', () => {
    expect(breachOf(voterThatCrashesAfterItsGrant)).toBe('every promise kept');
    patch(Voter.prototype, 'whenSaved', (run: () => void) => {
      run();
    });
    expect(breachOf(voterThatCrashesAfterItsGrant)).toMatch(/two owners/);
  });

  it('a start that counts silence from before it and does not wait', () => {
    expect(breachOf(voterThatRestartsBetweenOwnerAndClaimant)).toBe('every promise kept');
    const { addPeer } = MeshCore.prototype;
    patch(MeshCore.prototype, 'settled', () => true);
    patch(MeshCore.prototype, 'addPeer', function (this: MeshCore, ...args: Parameters<MeshCore['addPeer']>) {
      addPeer.apply(this, args);
      const peer = this.peers.get(args[0]);
      if (peer !== undefined) peer.heardAtAwakeMs = -10_000;
    });
    expect(breachOf(voterThatRestartsBetweenOwnerAndClaimant)).toMatch(/may act/);
  });

  it('a lease that does not end', () => {
    const { until } = Lease.prototype;
    patch(Lease.prototype, 'until', function (this: Lease, ...args: Parameters<Lease['until']>) {
      return until.apply(this, args) > -Infinity ? Infinity : -Infinity;
    });
    expect(firstBreach()).toMatch(/may act/);
  });

  it('a voter that renews every lease', () => {
    const { leaseAnswer } = Ownership.prototype;
    patch(
      Ownership.prototype,
      'leaseAnswer',
      function (this: Ownership, ...args: Parameters<Ownership['leaseAnswer']>) {
        return { ...leaseAnswer.apply(this, args), renewed: true, granted: 0, owner: undefined };
      },
    );
    expect(firstBreach()).toMatch(/may act/);
  });

  it('an owner that does not fetch what others have', () => {
    const { elected } = Ownership.prototype;
    patch(
      Ownership.prototype,
      'elected',
      function (this: Ownership, ...args: Parameters<Ownership['elected']>) {
        elected.apply(this, args);
        args[0].owning?.gather.clear();
      },
    );
    expect(firstBreach()).toMatch(/over without|is lost/);
  });

  it('ends that are forgotten', () => {
    patch(EndedKeys.prototype, 'has', () => false);
    expect(firstBreach()).toMatch(/came back|differs|holds/);
  });

  it('a standby that acknowledges what it did not keep', () => {
    const { merge } = CopyStore.prototype;
    patch(CopyStore.prototype, 'merge', function (this: CopyStore, ...args: Parameters<CopyStore['merge']>) {
      return args[0].key.endsWith('7') ? 'newer' : merge.apply(this, args);
    });
    expect(firstBreach()).toMatch(/over without|lost|differs/);
  });
});

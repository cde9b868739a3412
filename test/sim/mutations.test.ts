import { afterEach, describe, expect, it } from '@jest/globals';
import { Ballot } from '../../src/gossip/ballot.ts';
import { CopyStore, type MergeResult } from '../../src/gossip/copy-store.ts';
import { MeshCore } from '../../src/gossip/core.ts';
import type { Attempt, TagState } from '../../src/gossip/tag-state.ts';
import { EndedKeys } from '../../src/gossip/ended-keys.ts';
import { Evidence } from '../../src/gossip/evidence.ts';
import { Lease } from '../../src/gossip/lease.ts';
import type { LeaseAnswer, RecordItem, VerdictCode } from '../../src/gossip/message.ts';
import type { Role } from '../../src/gossip/options.ts';
import type { Owner } from '../../src/gossip/owner.ts';
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

function define(
  target: object,
  name: string,
  change: (former: PropertyDescriptor) => PropertyDescriptor,
): void {
  const former = Object.getOwnPropertyDescriptor(target, name);
  if (former === undefined) throw new Error(`no ${name} to patch`);
  Object.defineProperty(target, name, change(former));
  restores.push(() => Object.defineProperty(target, name, former));
}

/** Puts `change` around a method; it gets the object, the method and its arguments. */
function around<T extends object, A extends unknown[], R>(
  target: T,
  name: keyof T & string,
  change: (self: T, method: (...args: A) => R, ...args: A) => R,
): void {
  define(target, name, (former) => {
    const method = former.value as (...args: A) => R;
    return {
      ...former,
      value(this: T, ...args: A): R {
        return change(this, (...given) => method.apply(this, given), ...args);
      },
    };
  });
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

/** Each owner in turn is cut off until another one acts, and heard again. */
function ownersThatAreCutOffAndComeBack(): void {
  const world = settled();
  for (let time = 0; time < 20; time++) {
    const owner = world.actor() ?? '';
    for (const pod of ['A', 'B', 'C']) if (pod !== owner) cutBoth(world, owner, pod);
    world.run(3000);
    world.network.healAll();
    world.run(1000);
  }
}

/** The owner is heard by C only and hears nobody; it hears C again at about the time at which C calls it over. */
function ownerThatHearsAgainTooLate(): void {
  for (let seed = 1; seed <= 40; seed++) {
    const world = settled({}, seed);
    cutBoth(world, 'A', 'B');
    world.network.cut('C', 'A');
    world.run(2100 + 10 * seed);
    world.network.heal('C', 'A');
    world.run(2000);
  }
}

/** The owner is neither voter nor peer any more, and nobody has told it so. */
function ownerThatIsForgotten(): void {
  const world = settled();
  const rest = ['B', 'C'].map((pod) => ({ pod, role: 'proxy' as const, node: '', zone: '' }));
  for (const pod of ['B', 'C'])
    world.node(pod).call((mesh, nowMs) => {
      mesh.setPeers(rest, nowMs);
      mesh.adoptRoster({ number: 2, members: rest }, nowMs);
    });
  world.run(3000);
}

describe('the simulation notices', () => {
  it('a voter that calls a deaf owner over while it may still renew its lease', () => {
    expect(breachOf(ownerThatHearsAgainTooLate)).toBe('every promise kept');
    define(Evidence.prototype, 'withholds', (former) => ({ ...former, value: () => false }));
    expect(breachOf(ownerThatHearsAgainTooLate)).toMatch(/may act/);
  });

  it('a voter that calls an owner over in the moment in which it forgets it', () => {
    expect(breachOf(ownerThatIsForgotten)).toBe('every promise kept');
    define(MeshCore.prototype, 'strangerSinceAwakeMs', (former) => ({ ...former, value: () => 0 }));
    expect(breachOf(ownerThatIsForgotten)).toMatch(/may act/);
  });

  it('a voter that grants one epoch twice', () => {
    around(
      Ballot.prototype,
      'judge',
      (_, judge: (...args: Parameters<Ballot['judge']>) => VerdictCode, ...args) => {
        const answer = judge(...args);
        return answer === 'granted' ? 'yes' : answer;
      },
    );
    expect(firstBreach()).toMatch(/two owners|may act/);
  });

  it('a voter that forgets its file at a restart', () => {
    const ownGrants = new WeakMap<Voter, Set<string>>();
    around(Voter.prototype, 'grant', (self, grant: (state: TagState, owner: Owner) => void, state, owner) => {
      const tags = ownGrants.get(self) ?? new Set<string>();
      ownGrants.set(self, tags.add(state.tag));
      grant(state, owner);
    });
    around(Voter.prototype, 'granted', (self, granted: (tag: string) => Owner | undefined, tag) =>
      ownGrants.get(self)?.has(tag) === true ? granted(tag) : undefined,
    );
    expect(firstBreach()).toMatch(/two owners|may act/);
  });

  it('an answer that leaves before it is on disk', () => {
    expect(breachOf(voterThatCrashesAfterItsGrant)).toBe('every promise kept');
    around(Voter.prototype, 'whenSaved', (_, __: (run: () => void) => void, run) => {
      run();
    });
    expect(breachOf(voterThatCrashesAfterItsGrant)).toMatch(/two owners/);
  });

  it('a start that counts silence from before it and does not wait', () => {
    expect(breachOf(voterThatRestartsBetweenOwnerAndClaimant)).toBe('every promise kept');
    define(MeshCore.prototype, 'settled', (former) => ({ ...former, get: () => true }));
    around(MeshCore.prototype, 'addPeer', (self, addPeer: (pod: string, role: Role) => void, pod, role) => {
      addPeer(pod, role);
      const peer = self.peers.get(pod);
      if (peer !== undefined) peer.heardAtAwakeMs = -10_000;
    });
    expect(breachOf(voterThatRestartsBetweenOwnerAndClaimant)).toMatch(/may act/);
  });

  it('a lease that does not end', () => {
    around(Lease.prototype, 'until', (_, until: (...args: Parameters<Lease['until']>) => number, ...args) =>
      until(...args) > -Infinity ? Infinity : -Infinity,
    );
    expect(firstBreach()).toMatch(/may act/);
  });

  it('a voter that renews every lease', () => {
    expect(breachOf(ownersThatAreCutOffAndComeBack)).toBe('every promise kept');
    type Args = Parameters<Ownership['leaseAnswer']>;
    around(Ownership.prototype, 'leaseAnswer', (_, leaseAnswer: (...args: Args) => LeaseAnswer, ...args) => ({
      ...leaseAnswer(...args),
      renewed: true,
      granted: 0,
      owner: undefined,
    }));
    expect(breachOf(ownersThatAreCutOffAndComeBack)).toMatch(/may act/);
  });

  it('an owner that does not fetch what others have', () => {
    around(
      Ownership.prototype,
      'elected',
      (_, elected: (state: TagState, attempt: Attempt) => void, state, attempt) => {
        elected(state, attempt);
        state.owning?.gather.clear();
      },
    );
    expect(firstBreach()).toMatch(/over without|is lost/);
  });

  it('ends that are forgotten', () => {
    define(EndedKeys.prototype, 'has', (former) => ({ ...former, value: () => false }));
    expect(firstBreach()).toMatch(/came back|differs|holds/);
  });

  it('a standby that acknowledges what it did not keep', () => {
    around(
      CopyStore.prototype,
      'merge',
      (_, merge: (item: RecordItem, nowMs: number) => MergeResult, item, nowMs) =>
        item.key.endsWith('7') ? 'newer' : merge(item, nowMs),
    );
    expect(firstBreach()).toMatch(/over without|lost|differs/);
  });
});

import { beforeEach, describe, expect, it } from '@jest/globals';
import { MeshCore } from '../../../src/gossip/core.ts';
import { Directory } from '../../../src/gossip/directory.ts';
import type { Peer } from '../../../src/gossip/peer.ts';
import type { RosterFrame } from '../../../src/gossip/message.ts';
import { compileOptions, type Member } from '../../../src/gossip/options.ts';
import { Roster } from '../../../src/gossip/roster.ts';
import type { VoterState } from '../../../src/gossip/voter-file.ts';
import { Voter } from '../../../src/gossip/voter.ts';

const MEMBERS: Member[] = ['A', 'B', 'C'].map((pod) => ({ pod, role: 'proxy' }));

let core: MeshCore;
let voter: Voter;
let roster: Roster;

function start(stored?: VoterState, number = 1): void {
  const settings = compileOptions({
    self: { pod: 'A', bootId: 'a1' },
    roster: { number, members: MEMBERS },
    tags: ['T'],
    source: { read: () => undefined },
  });
  core = new MeshCore(settings, 0, () => 0.5);
  voter = new Voter(core, stored);
  const directory = new Directory(core, (pod) => {
    roster.forget(pod);
  });
  roster = new Roster({ core, voter, directory }, stored);
}

/** The file reaches the disk. */
function save(): void {
  voter.flush(roster.toStore);
  for (const effect of core.takeEffects()) if (effect.kind === 'save') voter.saved(effect.token);
}

function peer(pod: string, voterId: string): Peer {
  const found = core.peers.get(pod);
  if (found === undefined) throw new Error(`no ${pod}`);
  found.voterId = voterId;
  found.rosterDigest = roster.digest;
  return found;
}

/** What `pod` says is bound on its disk. */
function says(
  pod: string,
  ids: Record<string, string>,
  rest: Partial<RosterFrame> & { replaced?: string } = {},
): void {
  const frame: RosterFrame = {
    kind: 'roster',
    number: roster.number,
    members: MEMBERS.map((member) => ({
      ...member,
      mesh: '',
      voterId: ids[member.pod] ?? '',
      replaced: member.pod === rest.replaced,
    })),
    floor: [],
    granted: [],
    ...rest,
  };
  roster.heard(peer(pod, ids[pod] ?? ''), frame);
}

beforeEach(() => {
  start();
});

describe('binding voter ids to names', () => {
  it('takes a majority that has it on disk', () => {
    roster.meet(peer('B', 'b'));
    expect(roster.isVoter('B', 'b')).toBe(false);
    save();
    expect(roster.isVoter('B', 'b')).toBe(false);
    says('B', { B: 'b' });
    save();
    expect(roster.isVoter('B', 'b')).toBe(true);
    expect(roster.isVoter('B', 'other')).toBe(false);
    expect(roster.isVoter('X', 'b')).toBe(false);
  });

  it('the first id stays: another one under the name has no vote', () => {
    roster.meet(peer('B', 'b'));
    roster.meet(peer('B', 'b2'));
    says('C', { B: 'b2', C: 'c' });
    save();
    expect(roster.members.find((member) => member.pod === 'B')?.voterId).toBe('b');
    expect(roster.isVoter('B', 'b2')).toBe(false);
  });

  it('a voter without a file waits for a majority that knows no other id of it', () => {
    save();
    expect(roster.selfVotes).toBe(false);
    says('B', { B: 'b' });
    save();
    says('B', { B: 'b', A: voter.voterId });
    expect(roster.selfVotes).toBe(true);
  });

  it('a voter that lost its file has no vote, and says so', () => {
    says('B', { B: 'b', A: 'lost' });
    expect(core.takeEffects()).toContainEqual(expect.objectContaining({ code: 'not-a-voter' }));
    save();
    says('C', { C: 'c' });
    save();
    expect(roster.selfVotes).toBe(false);
  });

  it('under a grown number its id takes the place when a majority besides it says so, with their grants as its floor', () => {
    says('B', { B: 'b', A: voter.voterId }, { replaced: 'A', granted: [{ tag: 'T', epoch: 7 }] });
    save();
    expect(roster.selfVotes).toBe(false);
    says('C', { C: 'c', A: voter.voterId }, { replaced: 'A', granted: [{ tag: 'T', epoch: 5 }] });
    save();
    expect(roster.selfVotes).toBe(true);
    expect(voter.floor('T')).toBe(7);
  });
});

describe('rosters', () => {
  const grown = { number: 2, members: [...MEMBERS, { pod: 'D', role: 'proxy' as const }] };

  it('are used once they are on disk, with their floor', () => {
    expect(roster.adopt({ ...grown, floor: new Map([['T', 4]]) })).toBe(true);
    expect(roster.number).toBe(1);
    save();
    expect([roster.number, roster.majority, voter.floor('T')]).toEqual([2, 3, 4]);
    expect(core.peers.has('D')).toBe(true);
  });

  it('never go back', () => {
    roster.adopt(grown);
    save();
    expect(roster.adopt({ number: 2, members: MEMBERS })).toBe(false);
    expect(roster.adopt({ number: 1, members: MEMBERS })).toBe(false);
    says('B', {}, { number: 1 });
    expect(roster.number).toBe(2);
  });

  it('newer ones are taken from any peer', () => {
    says('B', {}, { number: 5 });
    save();
    expect(roster.number).toBe(5);
  });

  it('are believed of a peer whose probes still named an older one', () => {
    const other = peer('B', 'b');
    roster.adopt(grown);
    save();
    expect(other.rosterDigest).not.toBe(roster.digest);
    const members = grown.members.map((member) => ({ ...member, mesh: '', voterId: '', replaced: false }));
    const frame = { kind: 'roster' as const, number: 2, members, floor: [], granted: [] };
    roster.heard(other, frame);
    expect(roster.conflict).toBe(false);
    roster.heard(other, { ...frame, members: members.slice(1) });
    expect(roster.conflict).toBe(true);
  });

  it('bind their ids anew', () => {
    roster.meet(peer('B', 'b'));
    says('B', { B: 'b' });
    save();
    expect(roster.isVoter('B', 'b')).toBe(true);
    roster.adopt(grown);
    save();
    expect(roster.isVoter('B', 'b')).toBe(false);
  });

  it('a file with a newer one wins over the configuration, a configuration over an older file', () => {
    const stored = {
      number: 4,
      members: [{ pod: 'A', role: 'proxy' as const, mesh: '', voterId: 'a', replaced: false, formerId: '' }],
    };
    start({ voterId: 'a', roster: stored, grants: [], floor: [] }, 3);
    expect([roster.number, roster.selfVotes]).toEqual([4, true]);
    start({ voterId: 'a', roster: stored, grants: [], floor: [] }, 9);
    expect(roster.number).toBe(9);
  });

  it('of one number with another list are a conflict', () => {
    const other = peer('B', 'b');
    other.roster = 1;
    expect(roster.conflict).toBe(false);
    other.rosterDigest = 1;
    expect(roster.conflict).toBe(true);
    other.roster = 2;
    expect(roster.conflict).toBe(false);
  });
});

import { describe, expect, it } from '@jest/globals';
import { RosterIssuer } from './roster-issuer.ts';
import { THREE, FIVE, settled, cutBoth, expectSettled } from './settled-world.ts';
import { World } from './world.ts';

describe('trace 3: rosters that change during a claim', () => {
  const member = (pod: string) => ({ pod, role: 'proxy' as const });

  function growing(seed: number): { world: World; issuer: RosterIssuer } {
    const world = new World(seed, { pods: THREE, preferred: new Map([['T', 'C']]) });
    const { options } = world.node('A');
    for (const pod of ['D', 'E']) world.add(pod, options);
    world.startAll();
    return { world, issuer: new RosterIssuer(world, options.roster) };
  }

  it('leave one owner, whoever of old and new voters is asked', () => {
    for (let seed = 1; seed <= 25; seed++) {
      const { world, issuer } = growing(seed);
      world.run(1700 + 40 * seed);
      for (const pod of ['A', 'D', 'E']) cutBoth(world, 'C', pod);
      if (seed % 2 === 0) world.node('C').pause();
      expect(issuer.issue([...THREE, 'D'].map(member))).toBe(true);
      world.run(world.random() * 500);
      expect(issuer.issue(FIVE.map(member))).toBe(true);
      world.run(3000);
      world.node('C').resume();
      world.network.healAll();
      expectSettled(world);
      world.run(1000);
      expect(world.node('C').mesh?.report(world.node('C').clockMs).roster.number).toBe(3);
    }
  });

  it('an owner on the old roster, heard only by another one on it, has no lease when the third is in force', () => {
    const { world, issuer } = growing(7);
    world.actsWithin(5000, 'C');
    world.run(1000);
    for (const pod of ['B', 'D', 'E']) {
      cutBoth(world, 'C', pod);
      cutBoth(world, 'A', pod);
    }
    expect(issuer.issue(['B', 'A', 'C', 'D'].map(member), 3000)).toBe(true);
    expect(issuer.issue(FIVE.map(member), 3000)).toBe(false);
    world.run(3000);
    expect(world.actor()).toBe('C');
    world.network.healAll();
    expect(issuer.issue(FIVE.map(member))).toBe(true);
    expectSettled(world);
  });
});

describe('trace 4: voters across restarts and rosters', () => {
  it('a voter restarted onto an old configuration keeps the roster of its file', () => {
    const world = settled();
    const issuer = new RosterIssuer(world, world.node('A').options.roster);
    world.add('D', world.node('A').options).start();
    issuer.issue([...THREE, 'D'].map((pod) => ({ pod, role: 'proxy' })));
    world.run(2000);
    world.node('B').crash();
    world.run(100);
    world.node('B').start();
    expect(world.node('B').mesh?.report(world.node('B').clockMs).roster).toMatchObject({
      number: 2,
      members: 4,
    });
    expectSettled(world);
  });

  it('grows from three to five', () => {
    const world = settled();
    const issuer = new RosterIssuer(world, world.node('A').options.roster);
    for (const pod of ['D', 'E']) {
      world.add(pod, world.node('A').options).start();
      expect(issuer.issue([...issuer.members, { pod, role: 'proxy' }])).toBe(true);
    }
    expectSettled(world);
    world.run(1000);
    const report = world.node('E').mesh?.report(world.node('E').clockMs);
    expect(report).toMatchObject({ voter: true, roster: { number: 3, members: 5, majority: 3 } });
    for (const pod of ['A', 'B']) world.node(pod).crash();
    expect(world.actsWithin(5000)).toBeLessThan(5000);
  });

  it('a voter that lost its file has no vote until the number of the roster grows', () => {
    const world = settled();
    const node = world.node('C');
    node.crash();
    node.disk = undefined;
    world.run(100);
    node.start();
    world.run(3000);
    expect(node.mesh?.report(node.clockMs).voter).toBe(false);
    expect(world.notes('not-a-voter').length).toBeGreaterThan(0);
    const { members } = node.options.roster;
    for (const other of world.nodes.values()) {
      other.options = { ...other.options, roster: { number: 2, members } };
      other.crash();
      world.run(100);
      other.start();
      world.run(4000);
    }
    expect(node.mesh?.report(node.clockMs).voter).toBe(true);
    expectSettled(world);
  });
});

describe('trace 12: two of three pods are replaced quickly', () => {
  it('a majority of the voters lives throughout, and the calls survive', () => {
    const world = settled();
    const { options } = world.node('A');
    const issuer = new RosterIssuer(world, options.roster);
    for (let call = 0; call < 20; call++) world.put('A', `call ${String(call)}`);
    world.run(100);
    for (const [old, fresh] of [
      ['A', 'D'],
      ['B', 'E'],
    ] as const) {
      world.add(fresh, options).start();
      expect(issuer.issue([...issuer.members, { pod: fresh, role: 'proxy' }])).toBe(true);
      world.run(1500);
      world.node(old).crash();
      expect(issuer.issue(issuer.members.filter((member) => member.pod !== old))).toBe(true);
      world.nodes.delete(old);
    }
    expectSettled(world);
    expect(world.node(world.actor() ?? '').records.get('T')?.size).toBe(20);
  });
});

describe('trace 13, with a witness in place of the operator', () => {
  it('the survivor takes over nothing without a majority, and says why', () => {
    const world = settled({ pods: ['A', 'B'], witnesses: ['W'] });
    world.node('W').crash();
    world.run(2000);
    expect(world.actor()).toBe('A');
    world.node('A').crash();
    world.run(4000);
    expect(world.actor()).toBeUndefined();
    expect(world.notes('claim-refused').some(({ pod }) => pod === 'B')).toBe(true);
    world.node('W').start();
    expect(world.actsWithin(4000, 'B')).toBeLessThan(4000);
  });

  it('with the witness there it takes over as always', () => {
    const world = settled({ pods: ['A', 'B'], witnesses: ['W'] });
    world.put('A', 'call');
    world.run(50);
    world.node('A').crash();
    expect(world.actsWithin(2000, 'B')).toBeLessThan(200);
    expect(world.node('B').records.get('T')?.has('call')).toBe(true);
  });
});

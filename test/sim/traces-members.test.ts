import { describe, expect, it } from '@jest/globals';
import type { MeshReport, PeerConfig, TagReport } from '../../src/gossip/index.ts';
import { RosterIssuer } from './roster-issuer.ts';
import { FIVE, THREE, cutBoth, expectSettled, settled, standbys } from './settled-world.ts';
import type { World } from './world.ts';

const member = (pod: string) => ({ pod, role: 'proxy' as const });

/** Where each pod runs; pods that are not named run on nodes of their own. */
type Nodes = Readonly<Record<string, string>>;

function setPeers(world: World, pods: readonly string[], nodes: Nodes = {}): void {
  const peers = pods.map((pod): PeerConfig => ({ ...member(pod), node: nodes[pod] ?? pod, zone: '' }));
  for (const { running, call } of bound(world))
    if (running)
      call((mesh, nowMs) => {
        mesh.setPeers(peers, nowMs);
      });
}

function setTags(world: World, tags: Readonly<Record<string, string[]>>): void {
  const list = Object.entries(tags).map(([tag, placement]) => ({ tag, placement }));
  for (const { running, call } of bound(world))
    if (running)
      call((mesh, nowMs) => {
        mesh.setTags(list, nowMs);
      });
}

function bound(world: World) {
  return [...world.nodes.values()].map((node) => ({
    running: node.running,
    call: node.call.bind(node),
  }));
}

function report(world: World, pod: string): MeshReport {
  const node = world.node(pod);
  const found = node.mesh?.report(node.clockMs);
  if (found === undefined) throw new Error(`${pod} does not run`);
  return found;
}

function tagOf(world: World, pod: string, tag = 'T'): TagReport | undefined {
  return report(world, pod).tags.find((entry) => entry.tag === tag);
}

/** Three pods and D, which has an empty roster and is in nobody's. */
function withNewcomer(): World {
  const world = settled();
  const { options } = world.node('A');
  world.add('D', { ...options, roster: { number: 0, members: [] } }).start();
  setPeers(world, [...THREE, 'D']);
  return world;
}

describe('a pod that joins', () => {
  it('is linked, learns the roster and becomes a standby before it has a vote', () => {
    const world = withNewcomer();
    setTags(world, { T: ['A', 'D', 'B'] });
    world.put('A', 'call');
    world.run(2000);
    expect(standbys(world)).toEqual(['D', 'B']);
    expect(tagOf(world, 'D')).toMatchObject({ role: 'standby', inSync: true, records: 1 });
    expect(report(world, 'D')).toMatchObject({ voter: false, roster: { number: 1, majority: 2 } });
    const issuer = new RosterIssuer(world, world.node('A').options.roster);
    expect(issuer.issue([...THREE, 'D'].map(member))).toBe(true);
    world.run(500);
    expect(report(world, 'D')).toMatchObject({ voter: true, roster: { number: 2, majority: 3 } });
    expect(world.actor()).toBe('A');
  });

  it('has no part in the majority before it has a vote', () => {
    const world = withNewcomer();
    world.run(500);
    for (const pod of ['B', 'C']) cutBoth(world, 'A', pod);
    world.run(900);
    expect(world.node('A').mayAct('T')).toBe(false);
    world.run(4000);
    expect(['B', 'C', 'D']).toContain(world.actor());
  });

  it('without a roster grants and gets nothing', () => {
    const world = settled();
    const { options } = world.node('A');
    for (const pod of ['D', 'E']) world.add(pod, { ...options, roster: { number: 0, members: [] } }).start();
    for (const pod of ['D', 'E'])
      world.node(pod).call((mesh, nowMs) => {
        mesh.setPeers(
          ['D', 'E'].map((name) => ({ ...member(name), node: '', zone: '' })),
          nowMs,
        );
      });
    world.run(8000);
    for (const pod of ['D', 'E']) {
      expect(report(world, pod)).toMatchObject({ voter: false, majorityAlive: false });
      expect(report(world, pod).granted.size).toBe(0);
      expect(tagOf(world, pod)?.owner).toBeUndefined();
    }
  });
});

describe('a peer that is in neither list', () => {
  it('is talked to no more, and its streams end', () => {
    const world = withNewcomer();
    world.run(500);
    expect(report(world, 'A').members.map(({ pod }) => pod)).toEqual(['B', 'C', 'D']);
    setPeers(world, THREE);
    world.run(1500);
    for (const pod of THREE) expect(report(world, pod).members.map((peer) => peer.pod)).not.toContain('D');
    expect(report(world, 'D').members.some(({ linked, alive }) => linked || alive)).toBe(false);
  });

  it('and owned a tag, is followed only when its lease has run out', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const world = settled({ pods: FIVE }, seed);
      setPeers(world, FIVE);
      const issuer = new RosterIssuer(world, world.node('A').options.roster);
      expect(issuer.issue(['B', 'C', 'D', 'E'].map(member))).toBe(true);
      for (const pod of ['B', 'C', 'D', 'E'])
        world.node(pod).call((mesh, nowMs) => {
          mesh.setPeers(
            ['B', 'C', 'D', 'E'].map((name) => ({ ...member(name), node: '', zone: '' })),
            nowMs,
          );
        });
      const took = world.runUntil(() => (world.actor() ?? 'A') !== 'A', 6000);
      expect(took).toBeLessThan(4000);
      expectSettledWithout(world, 'A');
    }
  });
});

function expectSettledWithout(world: World, gone: string): void {
  world.node(gone).crash();
  world.run(3000);
  expect(world.unsettled().filter((problem) => !problem.includes(gone))).toEqual([]);
}

describe('standbys by wish', () => {
  it('change without a gap: the new ones are in sync before an old one goes', () => {
    const world = settled({ pods: FIVE });
    setTags(world, { T: ['A', 'B', 'C'] });
    world.node('A').padding = 20_000;
    for (let call = 0; call < 200; call++) world.put('A', `call ${String(call)}`);
    world.run(2000);
    expect(standbys(world)).toEqual(['B', 'C']);
    setTags(world, { T: ['A', 'D', 'E'] });
    let least = Infinity;
    let most = 0;
    const moved = world.runUntil(() => {
      least = Math.min(least, tagOf(world, 'A')?.standbysInSync.length ?? 0);
      most = Math.max(most, standbys(world).length);
      return standbys(world).join() === 'D,E';
    }, 10_000);
    expect(moved).toBeLessThan(10_000);
    expect(least).toBe(2);
    expect(most).toBe(4);
    expectSettled(world);
  });

  it('that are dead are replaced by others, and come back', () => {
    const world = settled({ pods: FIVE });
    setTags(world, { T: ['A', 'B', 'C'] });
    world.run(2000);
    world.node('B').crash();
    world.run(2000);
    expect(standbys(world)).toHaveLength(2);
    expect(standbys(world)[0]).toBe('C');
    world.node('B').start();
    setTags(world, { T: ['A', 'B', 'C'] });
    world.run(3000);
    expect(standbys(world)).toEqual(['B', 'C']);
  });

  it('stay away from the owner’s node, and from each other’s, while other nodes have candidates', () => {
    const world = settled({ pods: FIVE });
    setTags(world, { T: ['A'] });
    setPeers(world, FIVE, { A: 'n1', B: 'n1', C: 'n2', D: 'n2', E: 'n3' });
    world.run(3000);
    expect(standbys(world)).toContain('E');
    expect(standbys(world)).not.toContain('B');
    world.node('E').crash();
    world.run(2000);
    expect([...standbys(world)].sort()).toEqual(['C', 'D']);
  });

  it('are all that are wished, wherever they run and however many: one of them is to take the tag', () => {
    const world = settled({ pods: FIVE });
    setTags(world, { T: ['A', 'B', 'C', 'D'] });
    setPeers(world, FIVE, { A: 'n1', B: 'n1', C: 'n2', D: 'n2', E: 'n3' });
    world.run(3000);
    expect(standbys(world)).toEqual(['B', 'C', 'D']);
  });
});

describe('a tag', () => {
  it('that is added at run time has the owner that is named first', () => {
    const world = settled();
    world.tags.push('U');
    setTags(world, { T: ['A'], U: ['C', 'B'] });
    expect(world.actsWithin(4000, undefined, 'U')).toBeLessThan(3500);
    expect(world.actor('U')).toBe('C');
    expectSettled(world);
  });

  it('that is withdrawn stays while it has records, and then is nobody’s', () => {
    const world = settled({
      tags: ['T', 'U'],
      preferred: new Map([
        ['T', 'A'],
        ['U', 'B'],
      ]),
    });
    world.actsWithin(5000, 'B', 'U');
    world.put('B', 'call', 'U');
    setTags(world, { T: ['A'] });
    world.run(5000);
    expect(world.actor('U')).toBe('B');
    world.end('B', 'call', 'U');
    world.run(14_000);
    expect(world.actor('U')).toBeUndefined();
    for (const pod of THREE) expect(tagOf(world, pod, 'U')).toBeUndefined();
    expect(world.actor()).toBe('A');
    setTags(world, { T: ['A'], U: ['A'] });
    expect(world.actsWithin(5000, 'A', 'U')).toBeLessThan(4500);
    expect(world.epoch('U')).toBe(2);
  });

  it('that is withdrawn with calls is taken over when its owner dies', () => {
    const world = settled();
    world.put('A', 'call');
    setTags(world, {});
    world.run(1000);
    world.node('A').crash();
    expect(world.actsWithin(4000)).toBeLessThan(4000);
    expect(
      world
        .node(world.actor() ?? '')
        .records.get('T')
        ?.has('call'),
    ).toBe(true);
  });
});

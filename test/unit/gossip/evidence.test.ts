import { beforeEach, describe, expect, it } from '@jest/globals';
import { MeshCore } from '../../../src/gossip/core.ts';
import type { Peer } from '../../../src/gossip/peer.ts';
import { Evidence } from '../../../src/gossip/evidence.ts';
import { compileOptions } from '../../../src/gossip/options.ts';

let core: MeshCore;
let evidence: Evidence;
let peer: Peer;

/** Time passes as it does for a process that is awake. */
function awake(forMs: number): void {
  for (let ms = 0; ms < forMs; ms += 50) core.advance(core.nowMs + 50);
}

beforeEach(() => {
  const settings = compileOptions({
    self: { pod: 'A', bootId: 'a1' },
    roster: { number: 1, members: [{ pod: 'A', role: 'proxy' }] },
    tags: ['T'],
    source: { read: () => undefined },
  });
  core = new MeshCore(settings, 5000, () => 0.5);
  evidence = new Evidence(core);
  core.addPeer('B', 'proxy');
  const added = core.peers.get('B');
  if (added === undefined) throw new Error('no peer');
  peer = added;
  peer.boot = 'b1';
});

describe('a peer', () => {
  it('is dead after suspectAfter of silence, never counted from before the start', () => {
    awake(950);
    expect(evidence.alive('B')).toBe(true);
    awake(50);
    expect(evidence.peerDeath(peer)).toMatch(/silent/);
    core.heard(peer, 'b1');
    expect(evidence.alive('B')).toBe(true);
  });

  it('a datagram of another process does not count', () => {
    awake(1000);
    core.heard(peer, 'b0');
    expect(evidence.alive('B')).toBe(false);
  });

  it('is not silent because this process slept', () => {
    core.advance(core.nowMs + 60_000);
    expect(evidence.alive('B')).toBe(true);
  });

  it('is dead when its stream closed and a connection was refused', () => {
    peer.goneAtMs = core.nowMs;
    expect(evidence.peerDeath(peer)).toMatch(/refuses/);
  });
});

describe('an owner', () => {
  /** Why this owner, known since then, is dead. */
  function death(pod: string, boot: string, knownAtMs: number): string | undefined {
    const state = core.tag('T');
    if (state === undefined) throw new Error('no tag');
    state.known = { epoch: 1, pod, boot };
    state.knownAtMs = knownAtMs;
    return evidence.ownerDeath(state);
  }

  it('is dead when its pod was started anew', () => {
    expect(death('A', 'a0', 0)).toMatch(/anew/);
    expect(death('A', 'a1', 0)).toBeUndefined();
    peer.oldBoots.add('b0');
    expect(death('B', 'b0', core.nowMs)).toMatch(/anew/);
  });

  it('under a boot that was never met may be the newer one, until the present one answers a later probe', () => {
    const knownSinceMs = core.nowMs;
    expect(death('B', 'b2', knownSinceMs)).toBeUndefined();
    peer.provenAtMs = knownSinceMs + 1;
    expect(death('B', 'b2', knownSinceMs)).toMatch(/anew/);
  });

  it('of a pod that is no member is dead after suspectAfter', () => {
    expect(death('X', 'x', 0)).toBeUndefined();
    awake(1000);
    expect(death('X', 'x', 0)).toMatch(/no member/);
  });

  it('that was forgotten lives for suspectAfter more: it may have been answered up to then', () => {
    awake(3000);
    core.forgetPeer('B');
    expect(death('B', 'b1', 0)).toBeUndefined();
    awake(950);
    expect(death('B', 'b1', 0)).toBeUndefined();
    awake(50);
    expect(death('B', 'b1', 0)).toMatch(/no member/);
  });

  it('that has no lease though it is answered gets no renewal, and is dead suspectAfter later', () => {
    const state = core.tag('T');
    if (state === undefined) throw new Error('no tag');
    state.lapsedSinceAwakeMs = core.awakeMs;
    for (let ms = 0; ms < 450; ms += 50) {
      core.heard(peer, 'b1');
      awake(50);
    }
    expect(evidence.withholds(state)).toBe(false);
    awake(50);
    expect(evidence.withholds(state)).toBe(true);
    for (let ms = 0; ms < 950; ms += 50) {
      core.heard(peer, 'b1');
      awake(50);
    }
    expect(death('B', 'b1', core.nowMs)).toBeUndefined();
    awake(50);
    expect(death('B', 'b1', core.nowMs)).toMatch(/hears no answer/);
  });
});

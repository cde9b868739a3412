import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Mesh, type MeshEffect, type MeshOptions } from '../../../src/gossip/index.ts';
import { expectSettled, settled } from '../../sim/settled-world.ts';
import type { World } from '../../sim/world.ts';

const OPTIONS: MeshOptions = {
  self: { pod: 'A', bootId: 'a1' },
  roster: { number: 1, members: ['A', 'B', 'C'].map((pod) => ({ pod, role: 'proxy' })) },
  tags: ['T'],
  source: { read: () => undefined },
};

function lone(options: Partial<MeshOptions> = {}): Mesh {
  return new Mesh({ ...OPTIONS, ...options }, undefined, 0, () => 0.5);
}

function kinds(effects: MeshEffect[]): string[] {
  return effects.map((effect) => (effect.kind === 'note' ? effect.code : effect.kind));
}

/** Bytes on streams while `run` runs. */
function streamBytes(world: World, run: () => void): number {
  const before = world.network.streamBytes;
  run();
  return world.network.streamBytes - before;
}

function seen(world: World, pod: string, kind: MeshEffect['kind']): MeshEffect[] {
  return world.log
    .filter((entry) => entry.pod === pod && entry.effect.kind === kind)
    .map((entry) => entry.effect);
}

describe('options', () => {
  it('under which the protocol is not safe are refused', () => {
    const members = OPTIONS.roster.members;
    expect(() => lone({ isolationAfterMs: 900 })).toThrow(/isolationAfterMs/);
    expect(() =>
      lone({ roster: { number: 1, members: [...members.slice(0, 2), ...members.slice(0, 1)] } }),
    ).toThrow(/twice/);
  });
});

describe('a mesh of one', () => {
  it('owns its tags and has their lease by itself', () => {
    const mesh = lone({ roster: { number: 1, members: [{ pod: 'A', role: 'proxy' }] } });
    let taken = 0;
    for (let nowMs = 0; nowMs < 3000; nowMs = Math.max(nowMs + 1, mesh.nextTickAt)) {
      mesh.tick(nowMs);
      for (const effect of mesh.takeEffects()) {
        if (effect.kind === 'save') mesh.saved(effect.token, nowMs);
        if (effect.kind === 'takenOver') taken = nowMs;
      }
    }
    expect(taken).toBeGreaterThan(1999);
    expect(taken).toBeLessThan(2100);
    expect(mesh.mayAct('T', 1_000_000)).toBe(true);
  });
});

describe('what comes from outside', () => {
  it('never throws and never grows, whatever the bytes', () => {
    const mesh = lone();
    mesh.streamOpened('B', 0);
    mesh.takeEffects();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.constantFrom('B', 'C', 'stranger'), (bytes, from) => {
        mesh.receiveProbe(from, bytes, 1);
        mesh.receiveFrames(from, bytes, 1);
        mesh.streamOpened('B', 1);
        mesh.takeEffects();
      }),
    );
    expect(mesh.report(1).tags.map((tag) => tag.tag)).toEqual(['T']);
  });

  it('a broken stream is closed with its code, and comes back', () => {
    const world = settled();
    world.node('B').bytes('A', new Uint8Array(40).fill(0xff));
    expect(world.notes('frame-broken')).toMatchObject([{ pod: 'B', effect: { pod: 'A', text: 'too-long' } }]);
    expect(seen(world, 'B', 'closeStream')).toEqual([{ kind: 'closeStream', to: 'A', code: 'too-long' }]);
    expectSettled(world);
  });

  it('strangers are noted and shown out', () => {
    const mesh = lone();
    mesh.takeEffects();
    mesh.receiveProbe('X', new Uint8Array(20), 0);
    mesh.streamOpened('X', 0);
    expect(mesh.takeEffects().slice(0, 2)).toMatchObject([
      { kind: 'note', code: 'probe-stranger', pod: 'X' },
      { kind: 'closeStream', to: 'X', code: 'stranger' },
    ]);
  });

  it('a damaged voter file makes a new voter, and says so', () => {
    const mesh = new Mesh(OPTIONS, Uint8Array.of(1, 2, 3), 0, () => 0.5);
    expect(kinds(mesh.takeEffects())).toContain('voter-file-damaged');
  });

  it('equal roster numbers with different lists stop all grants, and are reported', () => {
    const world = settled();
    const { options } = world.node('C');
    world.node('C').crash();
    world.node('C').disk = undefined;
    world.node('C').options = {
      ...options,
      roster: { number: 1, members: ['A', 'B', 'C', 'D', 'E'].map((pod) => ({ pod, role: 'proxy' })) },
    };
    world.run(100);
    world.node('C').start();
    world.run(2000);
    const node = world.node('A');
    expect(node.mesh?.report(node.clockMs).roster.conflict).toBe(true);
    world.node('A').crash();
    world.run(5000);
    expect(world.actor()).toBeUndefined();
  });
});

describe('replication', () => {
  it('only the owner changes records', () => {
    const world = settled();
    world.node('B').call((mesh, nowMs) => {
      expect(mesh.put({ tag: 'T', key: 'call', version: 1, prompt: true }, nowMs)).toBe(0);
      expect(mesh.end('T', 'call', nowMs)).toBe(0);
      expect(mesh.put({ tag: 'nothing', key: 'call', version: 1, prompt: true }, nowMs)).toBe(0);
    });
  });

  it('a prompt change is acknowledged within a round trip, others share a frame', () => {
    const world = settled();
    world.put('A', 'call');
    const acknowledged = () => seen(world, 'A', 'acknowledged').length > 0;
    expect(world.runUntil(acknowledged, 100)).toBeLessThan(1.5);
    const bytes = streamBytes(world, () => {
      world.node('A').call((mesh, nowMs) => {
        for (let change = 2; change <= 50; change++)
          mesh.put({ tag: 'T', key: 'call', version: change, prompt: false }, nowMs);
      });
      world.run(10);
    });
    expect(bytes).toBeLessThan(500);
  });

  it('a standby that reconnects gets only what it missed', () => {
    const world = settled();
    for (let call = 0; call < 500; call++) world.put('A', `call ${String(call)}`);
    world.run(100);
    const bytes = streamBytes(world, () => {
      world.network.breakStream('A', 'B');
      world.put('A', 'call 7');
      world.run(300);
    });
    expect(bytes).toBeLessThan(5000);
    expect(world.notes('standby-resync')).toEqual([]);
    expectSettled(world);
  });

  it('a standby that does not keep up is compared anew when it has caught up', () => {
    const world = settled();
    world.node('A').padding = 200_000;
    world.network.cut('B', 'A');
    for (let call = 0; call < 60; call++) {
      world.put('A', `call ${String(call)}`);
      world.run(2);
    }
    expect(seen(world, 'A', 'standbys').at(-1)).toEqual({ kind: 'standbys', tag: 'T', inSync: 1 });
    expect(world.notes('standby-overrun')).toMatchObject([{ pod: 'A', effect: { pod: 'B' } }]);
    world.network.heal('B', 'A');
    expectSettled(world);
    const bytes = streamBytes(world, () => {
      world.put('A', 'call 1');
      world.run(50);
    });
    expect(bytes).toBeLessThan(600_000);
  });

  it('says when no standby is in sync, so that nothing waits', () => {
    const world = settled();
    world.node('B').crash();
    world.node('C').crash();
    world.run(50);
    expect(seen(world, 'A', 'standbys').at(-1)).toEqual({ kind: 'standbys', tag: 'T', inSync: 0 });
  });

  it('a forwarded record is taken if it is newer, and passed on to the standbys', () => {
    const world = settled();
    world.put('A', 'call');
    const bytes = new TextEncoder().encode('call 1 9\n');
    world.node('A').call((mesh, nowMs) => {
      const record = { tag: 'T', key: 'call', epoch: 1, version: 9, bytes };
      expect(mesh.merge(record, nowMs)).toBe(true);
      expect(mesh.merge(record, nowMs)).toBe(false);
      expect(mesh.merge({ ...record, version: 1 }, nowMs)).toBe(false);
    });
    world.run(50);
    world.node('A').crash();
    world.actsWithin(2000);
    expect(
      world
        .node(world.actor() ?? '')
        .records.get('T')
        ?.get('call')?.version,
    ).toBe(9);
  });

  it('a record that the program lost without a word is noted and left out', () => {
    const world = settled();
    world
      .node('A')
      .call((mesh, nowMs) => mesh.put({ tag: 'T', key: 'ghost', version: 1, prompt: true }, nowMs));
    world.run(20);
    expect(world.notes('record-missing')).toMatchObject([{ pod: 'A' }]);
    expectSettled(world);
  });
});

describe('payloads', () => {
  it('reach the other program as they are', () => {
    const world = settled();
    world.node('A').call((mesh) => {
      expect(mesh.send('B', Uint8Array.of(1, 2, 3))).toBe(true);
      expect(mesh.send('B', new Uint8Array(2_000_000))).toBe(false);
      expect(mesh.send('nobody', Uint8Array.of(1))).toBe(false);
    });
    world.run(10);
    expect(seen(world, 'B', 'payload')).toEqual([
      { kind: 'payload', from: 'A', bytes: Uint8Array.of(1, 2, 3) },
    ]);
  });
});

describe('a handover', () => {
  it('is refused with a reason where it cannot go well', () => {
    const world = settled();
    const refusal = (pod: string, tag: string, to: string): string | undefined => {
      let why: string | undefined;
      world.node(pod).call((mesh, nowMs) => {
        why = mesh.handOver(tag, to, nowMs);
      });
      return why;
    };
    expect(refusal('B', 'T', 'C')).toMatch(/does not own/);
    expect(refusal('A', 'nothing', 'C')).toMatch(/no such tag/);
    expect(refusal('A', 'T', 'nobody')).toMatch(/not in sync/);
    expect(refusal('A', 'T', 'B')).toBeUndefined();
    expect(refusal('A', 'T', 'C')).toMatch(/paused/);
  });

  it('tells both programs', () => {
    const world = settled();
    world.node('A').call((mesh, nowMs) => mesh.handOver('T', 'B', nowMs));
    world.actsWithin(1000, 'B');
    expect(seen(world, 'A', 'paused')).toMatchObject([{ tag: 'T', epoch: 1, to: 'B' }]);
    expect(seen(world, 'A', 'lost')).toMatchObject([{ epoch: 1, owner: { epoch: 2, pod: 'B' } }]);
    expect(seen(world, 'B', 'takenOver')).toMatchObject([
      { epoch: 2, reason: 'handover', inSync: true, previous: { epoch: 1, pod: 'A' } },
    ]);
  });
});

describe('the report', () => {
  it('says who owns, who stands by, and how far', () => {
    const world = settled();
    world.put('A', 'call');
    world.run(50);
    const report = (pod: string) => world.node(pod).mesh?.report(world.node(pod).clockMs);
    expect(report('A')).toMatchObject({
      voter: true,
      majorityAlive: true,
      tags: [{ role: 'owner', phase: 'active', sequence: 1, acknowledged: 1, records: 1 }],
    });
    expect(report('B')).toMatchObject({
      tags: [{ role: 'standby', phase: 'none', inSync: true, sequence: 1 }],
    });
    world.node('B').crash();
    world.node('C').crash();
    world.run(2000);
    expect(report('A')).toMatchObject({ majorityAlive: false, tags: [{ role: 'owner', phase: 'isolated' }] });
  });
});

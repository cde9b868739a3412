import { beforeEach, describe, expect, it } from '@jest/globals';
import type { MeshPort } from '../../../../src/proxy/calls/mesh-port.ts';
import { NewCalls } from '../../../../src/proxy/calls/new-calls.ts';
import { Tags } from '../../../../src/proxy/calls/tags.ts';

const TAGS = new Tags([
  { tag: 'plain', group: '' },
  { tag: 'more', group: '' },
  { tag: 'gold', group: 'premium' },
]);

let nowMs = 0;
let owners: Record<string, string> = {};
let paused: string[] = [];
let alive: string[] = [];
let leased: string[] = [];
let calls: NewCalls;

function owned(): string[] {
  return TAGS.all.filter((tag) => owners[tag] === 'a' && !paused.includes(tag));
}

const mesh: Partial<MeshPort> = {
  ownedTags: owned,
  ownerOf: (tag) => {
    const pod = owners[tag];
    return pod === undefined ? undefined : { pod, epoch: 1 };
  },
  isReady: (tag) => owned().includes(tag),
  mayAct: (tag) => leased.includes(tag),
  alivePods: () => alive,
  isAlive: (pod) => alive.includes(pod),
};

beforeEach(() => {
  nowMs = 0;
  owners = { plain: 'a', more: 'a', gold: 'b' };
  paused = [];
  alive = ['b', 'c'];
  leased = ['plain', 'more', 'gold'];
  calls = new NewCalls({ mesh: mesh as MeshPort, pod: 'a', tags: TAGS, monotonicMs: () => nowMs });
});

describe('a new call', () => {
  it('is for a tag of its group, at the pod that owns one', () => {
    expect(calls.place('', 'x', false)).toEqual({ kind: 'here' });
    expect(calls.place('premium', 'x', false)).toEqual({ kind: 'pod', pod: 'b', tag: 'gold' });
    expect(calls.place('unknown', 'x', false)).toEqual({ kind: 'nowhere' });
  });

  it('goes to no dead pod, and waits for the one that takes over', () => {
    alive = ['c'];
    expect(calls.place('premium', 'x', false)).toEqual({ kind: 'later', tag: 'gold' });
    owners = {};
    expect(calls.place('premium', 'x', false)).toEqual({ kind: 'nowhere' });
  });

  it('waits while the only tag for it is being handed over', () => {
    owners['gold'] = 'a';
    paused = ['gold'];
    expect(calls.place('premium', 'x', false)).toEqual({ kind: 'later', tag: 'gold' });
  });

  it('goes to the same pod whenever it is asked', () => {
    owners = { plain: 'b', more: 'c', gold: 'b' };
    const pods = Array.from({ length: 20 }, (_, call) => calls.place('', String(call), false));
    expect(Array.from({ length: 20 }, (_, call) => calls.place('', String(call), false))).toEqual(pods);
    expect(new Set(pods.map((place) => 'pod' in place && place.pod))).toEqual(new Set(['b', 'c']));
  });

  it('gets the tags of its group in turn, those under a lease first', () => {
    expect(new Set([calls.nextTag(''), calls.nextTag('')])).toEqual(new Set(['plain', 'more']));
    leased = ['more'];
    expect([calls.nextTag(''), calls.nextTag('')]).toEqual(['more', 'more']);
    expect(calls.nextTag('premium')).toBeUndefined();
  });
});

describe('a pod that is to be emptied', () => {
  beforeEach(() => {
    owners['more'] = 'c';
    calls.leaving = true;
  });

  it('takes new calls for three seconds more, then others do', () => {
    nowMs = 2999;
    calls.leaving = true;
    expect(calls.place('', 'x', false)).toEqual({ kind: 'here' });
    nowMs = 3000;
    expect(calls.place('', 'x', false)).toEqual({ kind: 'pod', pod: 'c', tag: 'more' });
    calls.leaving = false;
    expect(calls.place('', 'x', false)).toEqual({ kind: 'here' });
  });

  it('takes what another one handed to it, and what nobody else can take', () => {
    nowMs = 3000;
    expect(calls.place('', 'x', true)).toEqual({ kind: 'here' });
    alive = [];
    expect(calls.place('', 'x', false)).toEqual({ kind: 'here' });
  });
});

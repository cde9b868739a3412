import { describe, expect, test } from '@jest/globals';
import { parseControlState } from '../../../src/api/control-checks.ts';
import type { ControlState } from '../../../src/api/control.ts';

const STATE: ControlState = {
  term: 3,
  generation: 17,
  roster: {
    number: 4,
    members: [
      { pod: 'edge-0.0b1c2d3e', role: 'proxy', mesh: '10.0.0.1:7946' },
      { pod: 'operator.0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0', role: 'witness', mesh: '[fd00::9]:7946' },
    ],
    floor: { 'edge-00': 12 },
  },
  peers: [{ pod: 'edge-0.0b1c2d3e', role: 'proxy', mesh: '10.0.0.1:7946', node: 'worker-0', zone: '' }],
  tags: [{ tag: 'edge-00', group: '', placement: ['edge-0.0b1c2d3e'] }],
  handOver: [{ tag: 'edge-00', to: 'edge-1.11111111', cause: 'ByHand', reason: 'a person asked for it' }],
  cordoned: false,
  cordonReason: '',
  routes: [{ from: 'public', to: 'media', via: 'internal', shardGroup: 'premium' }],
  targets: [{ name: 'media', addresses: [{ address: '10.0.3.10', port: 5060, transport: 'UDP' }] }],
  rehoming: { method: 'Auto', legsPerSecond: 10, perPeer: { legsPerSecond: 5, maxInFlight: 2 } },
};

function placesOf(body: unknown): string[] {
  const parsed = parseControlState(body);
  return parsed.ok ? [] : parsed.problems.map(({ path, code }) => `${path} ${code}`);
}

describe('the state that an operator wants', () => {
  test('comes out of JSON as it went in', () => {
    expect(parseControlState(JSON.parse(JSON.stringify(STATE)))).toEqual({ ok: true, value: STATE });
  });

  test('may have fields that this version does not know', () => {
    const newer = {
      ...STATE,
      mood: 'good',
      rehoming: { ...STATE.rehoming, mood: 'good' },
      tags: [{ tag: 'a', group: '', placement: [], weight: 2 }],
    };
    const parsed = parseControlState(newer);
    expect(parsed.ok && parsed.value.tags).toEqual([{ tag: 'a', group: '', placement: [] }]);
    expect(parsed.ok && 'mood' in parsed.value).toBe(false);
  });

  test('may give a reason of several lines, as people write them into annotations', () => {
    expect(placesOf({ ...STATE, cordoned: true, cordonReason: 'firmware\nuntil noon' })).toEqual([]);
  });

  test('needs all fields', () => {
    expect(placesOf({})).toEqual(
      [
        'term',
        'generation',
        'roster',
        'peers',
        'tags',
        'handOver',
        'cordoned',
        'cordonReason',
        'routes',
        'targets',
      ].map((field) => `${field} CONFIG_REQUIRED`),
    );
  });

  test.each<[string, object]>([
    ['term CONFIG_VALUE', { term: -1 }],
    ['generation CONFIG_VALUE', { generation: 1.5 }],
    ['cordoned CONFIG_TYPE', { cordoned: 'no' }],
    ['cordonReason CONFIG_TYPE', { cordonReason: 1 }],
    ['roster.floor.a CONFIG_TYPE', { roster: { ...STATE.roster, floor: { a: '12' } } }],
    [
      'roster.members[0].mesh CONFIG_VALUE',
      { roster: { ...STATE.roster, members: [{ ...STATE.roster.members[0], mesh: 'x' }] } },
    ],
    [
      'roster.members[1].pod CONFIG_DUPLICATE',
      { roster: { ...STATE.roster, members: [STATE.roster.members[0], STATE.roster.members[0]] } },
    ],
    ['peers CONFIG_VALUE', { peers: Array.from({ length: 201 }, () => ({})) }],
    ['tags[1].tag CONFIG_DUPLICATE', { tags: [STATE.tags[0], STATE.tags[0]] }],
    ['handOver[0].to CONFIG_VALUE', { handOver: [{ ...STATE.handOver[0], to: '' }] }],
    ['routes[0].via CONFIG_REQUIRED', { routes: [{ from: 'public', to: 'media' }] }],
    [
      'targets[0].addresses[0].transport CONFIG_VALUE',
      { targets: [{ name: 'a', addresses: [{ address: 'a', port: 1, transport: 'TLS' }] }] },
    ],
    ['rehoming.legsPerSecond CONFIG_VALUE', { rehoming: { legsPerSecond: 0 } }],
  ])('is refused: %s', (problem, changes) => {
    expect(placesOf({ ...STATE, ...changes })).toEqual([problem]);
  });

  test.each([undefined, null, 1, 'text', []])('is not %j', (body) => {
    expect(placesOf(body)).toEqual([' CONFIG_TYPE']);
  });
});

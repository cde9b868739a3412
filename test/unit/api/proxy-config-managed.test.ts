import { describe, expect, test } from '@jest/globals';
import { parseProxyConfig, type ProxyConfig } from '../../../src/api/proxy-config.ts';
import { sampleDocument } from './sample-document.ts';

const KEYS = [{ id: 'first', secret: 'sixteen letters!' }];

/** What the operator writes for a pod that has not met anybody yet. */
function managedDocument(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return sampleDocument({
    managed: true,
    podUid: '0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0',
    roster: { number: 0, members: [] },
    shards: [],
    mesh: { bind: '10.0.0.1:7946', keys: KEYS },
    control: { bind: '10.0.0.1:7947' },
    ...changes,
  });
}

function configOf(document: unknown): ProxyConfig {
  const parsed = parseProxyConfig(document);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
}

function placesOf(document: unknown): string[] {
  const parsed = parseProxyConfig(document);
  return parsed.ok ? [] : parsed.problems.map(({ path, code }) => `${path} ${code}`);
}

describe('a pod under an operator', () => {
  test('starts without a roster and without tags', () => {
    const { roster, shards, managed } = configOf(managedDocument());
    expect({ roster, shards, managed }).toEqual({
      roster: { number: 0, members: [] },
      shards: [],
      managed: true,
    });
  });

  test('is known to the mesh by its name and uid', () => {
    expect(configOf(managedDocument()).pod).toBe('edge-0.0b1c2d3e');
  });

  test('knows where it runs, or nothing', () => {
    const { node, zone } = configOf(managedDocument({ node: 'worker-1' }));
    expect({ node, zone }).toEqual({ node: 'worker-1', zone: '' });
  });

  test('may start with a roster of two that knows it by its id', () => {
    const members = [
      { pod: 'edge-0.0b1c2d3e', mesh: '10.0.0.1:7946' },
      { pod: 'edge-1.11111111', mesh: '10.0.0.2:7946' },
    ];
    expect(placesOf(managedDocument({ roster: { number: 4, members } }))).toEqual([]);
  });

  test('needs an address of its mesh and of its control API', () => {
    expect(placesOf(managedDocument({ mesh: { keys: KEYS }, control: undefined }))).toEqual([
      'mesh.bind CONFIG_REQUIRED',
      'control CONFIG_REQUIRED',
    ]);
  });

  test('starts with a target that its family cannot reach: the others are worth it', () => {
    const targets = [{ name: 'media', addresses: ['[2001:db8::1]:5060'] }];
    expect(placesOf(managedDocument({ targets }))).toEqual([]);
    expect(placesOf(sampleDocument({ targets }))).toEqual(['routes[0].via CONFIG_CONFLICT']);
  });

  test.each([
    ['sip.example', undefined, { address: 'sip.example', port: 5060 }],
    ['198.51.100.9:5070', undefined, { address: '198.51.100.9', port: 5070 }],
    ['198.51.100.9:5070', 5080, { address: '198.51.100.9', port: 5070 }],
    ['198.51.100.9', 5080, { address: '198.51.100.9', port: 5080 }],
    ['[2001:db8::1]:5070', undefined, { address: '2001:db8::1', port: 5070 }],
    ['[2001:db8::1]', 5080, { address: '2001:db8::1', port: 5080 }],
    ['2001:db8::1', undefined, { address: '2001:db8::1', port: 5060 }],
  ])('tells endpoints of %s, as its annotation may have it, and port %s', (address, port, advertise) => {
    const listener = { name: 'public', bind: '10.0.0.1', advertise: { address, ...(port && { port }) } };
    expect(configOf(managedDocument({ listeners: [listener] })).listeners[0]).toMatchObject({ advertise });
  });

  test.each(['', 'a b', '198.51.100.9:', '198.51.100.9:99999', '::1:5060:x'])(
    'tells nobody of %j',
    (address) => {
      const listener = { name: 'public', bind: '10.0.0.1', advertise: { address } };
      expect(placesOf(managedDocument({ listeners: [listener] }))).toEqual([
        'listeners[0].advertise.address CONFIG_VALUE',
      ]);
    },
  );

  test('is told once of an address that cannot be read', () => {
    expect(placesOf(managedDocument({ mesh: { bind: 'x', keys: KEYS }, control: { bind: 1 } }))).toEqual([
      'mesh.bind CONFIG_VALUE',
      'control.bind CONFIG_TYPE',
    ]);
  });
});

describe('a static pod', () => {
  test('needs a roster and tags', () => {
    expect(placesOf(sampleDocument({ roster: { number: 0, members: [] }, shards: [] }))).toEqual([
      'roster.number CONFIG_VALUE',
      'roster.members CONFIG_VALUE',
      'pod CONFIG_REFERENCE',
      'shards CONFIG_VALUE',
    ]);
  });
});

describe('groups of tags', () => {
  const route = { from: 'public', to: 'media', via: 'public', shardGroup: 'premium' };

  test('are named by tags and routes', () => {
    const config = configOf(sampleDocument({ shardGroups: { 'edge-03': 'premium' }, routes: [route] }));
    expect(config.shardGroups).toEqual({ 'edge-03': 'premium' });
    expect(config.routes[0]?.shardGroup).toBe('premium');
  });

  test('must have a tag, and the tag must be there', () => {
    expect(placesOf(sampleDocument({ shardGroups: { 'edge-99': 'silver' }, routes: [route] }))).toEqual([
      'shardGroups.edge-99 CONFIG_REFERENCE',
      'routes[0].shardGroup CONFIG_REFERENCE',
    ]);
  });

  test('may have no tag yet where an operator sends them', () => {
    expect(placesOf(managedDocument({ routes: [route] }))).toEqual([]);
  });
});

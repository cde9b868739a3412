import { describe, expect, test } from '@jest/globals';
import { parseProxyConfig, type ProxyConfig } from '../../../src/api/proxy-config.ts';
import type { Problem } from '../../../src/api/problem.ts';
import { sampleDocument } from './sample-document.ts';

function configOf(document: unknown): ProxyConfig {
  const parsed = parseProxyConfig(document);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
}

function problemsOf(document: unknown): Problem[] {
  const parsed = parseProxyConfig(document);
  return parsed.ok ? [] : parsed.problems;
}

function placesOf(document: unknown): string[] {
  return problemsOf(document).map(({ path, code }) => `${path} ${code}`);
}

const members = (...pods: string[]): object => ({
  members: pods.map((pod, index) => ({ pod, mesh: `10.0.0.${index + 1}:7946` })),
});

describe('defaults', () => {
  const config = configOf(sampleDocument());

  test('durations are milliseconds', () => {
    expect(config.failover).toEqual({ suspectAfterMs: 1_000, delayMs: 0, trustReset: true });
    expect(config.sip).toEqual({ t1Ms: 500, t2Ms: 4_000, t4Ms: 5_000 });
    expect(config.replication).toEqual({ factor: 2, durability: 'acknowledged', protectTimeoutMs: 50 });
  });

  test('nested objects that were left out have theirs', () => {
    expect(config.rehoming).toEqual({
      method: 'Reinvite',
      legsPerSecond: 4_000,
      perPeer: { legsPerSecond: 1_000, maxInFlight: 200 },
    });
    expect(config.http.bind).toEqual({ address: '127.0.0.1', port: 9090 });
  });

  test('the mesh is bound to the address of the roster', () => {
    expect(config.mesh.bind).toEqual({ address: '10.0.0.1', port: 7946 });
  });

  test('a listener advertises what it is bound to', () => {
    expect(config.listeners).toEqual([
      {
        name: 'public',
        bind: '10.0.0.1',
        port: 5060,
        transports: ['UDP'],
        advertise: { address: '10.0.0.1', port: 5060 },
      },
    ]);
  });

  test('a target address has port 5060 and UDP', () => {
    expect(config.targets[0]?.addresses).toEqual([{ address: '10.0.3.10', port: 5060, transport: 'UDP' }]);
  });

  test('there are 12 tags, numbered', () => {
    expect(config.shards).toHaveLength(12);
    expect(config.shards[0]).toBe('edge-00');
    expect(config.shards[11]).toBe('edge-11');
  });

  test('an empty setting was left out', () => {
    expect(configOf(sampleDocument({ failover: null })).failover.suspectAfterMs).toBe(1_000);
  });

  test('nobody can change a config', () => {
    expect(Object.isFrozen(config.rehoming.perPeer)).toBe(true);
    expect(Object.isFrozen(config.listeners[0]?.transports)).toBe(true);
  });
});

describe('values', () => {
  test('an advertised address apart from the bound one', () => {
    const listeners = [{ name: 'public', bind: '::', port: 5080, advertise: { address: '2001:db8::1' } }];
    expect(configOf(sampleDocument({ listeners, routes: [] })).listeners[0]?.advertise).toEqual({
      address: '2001:db8::1',
      port: 5080,
    });
  });

  test('a target over TCP and IPv6', () => {
    const targets = [{ name: 'media', addresses: ['[2001:db8::5]:5070;transport=tcp'] }];
    expect(configOf(sampleDocument({ targets, routes: [] })).targets[0]?.addresses).toEqual([
      { address: '2001:db8::5', port: 5070, transport: 'TCP' },
    ]);
  });

  test('tags by name, and where they start', () => {
    const config = configOf(sampleDocument({ shards: ['red', 'blue'], placement: { red: 'edge-1' } }));
    expect(config.shards).toEqual(['red', 'blue']);
    expect(config.placement).toEqual({ red: 'edge-1' });
  });

  test('more tags leave the names of the first as they are', () => {
    const { shards } = configOf(sampleDocument({ shards: 101 }));
    expect([shards[0], shards[100]]).toEqual(['edge-00', 'edge-100']);
  });

  test.each([
    ['500ms', 500],
    ['1.5s', 1_500],
    ['1m', 60_000],
  ])('%s is a duration', (suspectAfter, ms) => {
    expect(configOf(sampleDocument({ failover: { suspectAfter } })).failover.suspectAfterMs).toBe(ms);
  });

  test.each(['500', '1 s', '-1s', '1e3ms', '', '99ms', '2m'])(
    '%j is no duration for suspectAfter',
    (suspectAfter) => {
      expect(placesOf(sampleDocument({ failover: { suspectAfter } }))).toEqual([
        'failover.suspectAfter CONFIG_VALUE',
      ]);
    },
  );
});

describe('problems', () => {
  test('all at once, those between settings too', () => {
    const document = sampleDocument({
      pod: 'edge-9',
      roster: members('edge-0', 'edge-1'),
      dataDir: 7,
      mesh: { probeInterval: 'often' },
      listeners: [{ name: 'public', bind: 'nowhere', port: 0 }],
      routes: [{ from: 'publik', to: 'medea', via: 'public', wen: 1 }],
      surprise: true,
    });
    expect(placesOf(document).sort()).toEqual([
      'dataDir CONFIG_TYPE',
      'listeners[0].bind CONFIG_VALUE',
      'listeners[0].port CONFIG_VALUE',
      'mesh.keys CONFIG_REQUIRED',
      'mesh.probeInterval CONFIG_VALUE',
      'pod CONFIG_REFERENCE',
      'roster.members CONFIG_ROSTER_EVEN',
      'routes[0].from CONFIG_REFERENCE',
      'routes[0].to CONFIG_REFERENCE',
      'routes[0].wen CONFIG_UNKNOWN_KEY',
      'surprise CONFIG_UNKNOWN_KEY',
    ]);
  });

  test.each([null, undefined, 'text', 7, [], true])('%j is no document', (document) => {
    expect(placesOf(document)).toEqual([' CONFIG_TYPE']);
  });

  test('what has no default is missing', () => {
    expect(placesOf({})).toEqual([
      'cluster CONFIG_REQUIRED',
      'pod CONFIG_REQUIRED',
      'dataDir CONFIG_REQUIRED',
      'roster CONFIG_REQUIRED',
      'mesh CONFIG_REQUIRED',
    ]);
  });

  test('an unknown setting with the one that was meant', () => {
    expect(problemsOf(sampleDocument({ falover: {} }))).toEqual([
      { path: 'falover', code: 'CONFIG_UNKNOWN_KEY', message: 'unknown setting: did you mean failover?' },
    ]);
  });

  test('an unknown setting that resembles none, with all that there are', () => {
    const [problem] = problemsOf(sampleDocument({ http: { colour: 'red' } }));
    expect(problem?.message).toBe('unknown setting: known are bind');
  });

  test('a name of JavaScript is no setting', () => {
    const document = JSON.parse('{"__proto__": 1, "constructor": 2}') as object;
    expect(placesOf({ ...sampleDocument(), ...document })).toContain('constructor CONFIG_UNKNOWN_KEY');
  });

  test('an even roster with the remedy', () => {
    const [problem] = problemsOf(sampleDocument({ roster: members('edge-0', 'edge-1') }));
    expect(problem?.code).toBe('CONFIG_ROSTER_EVEN');
    expect(problem?.message).toContain('role: witness');
  });

  test.each([[['edge-0']], [['edge-0', 'b', 'c']]])('the odd roster %j is none', (pods) => {
    expect(placesOf(sampleDocument({ roster: members(...pods) }))).toEqual([]);
  });

  test.each([
    ['a pod twice', members('edge-0', 'edge-1', 'edge-1'), 'roster.members[2].pod CONFIG_DUPLICATE'],
    [
      'a mesh address twice',
      {
        members: ['edge-0', 'b', 'c'].map((pod) => ({
          pod,
          mesh: `10.0.0.${pod === 'edge-0' ? 1 : 2}:7946`,
        })),
      },
      'roster.members[2].mesh CONFIG_DUPLICATE',
    ],
  ])('%s in the roster', (_what, roster, place) => {
    expect(placesOf(sampleDocument({ roster }))).toEqual([place]);
  });

  test('a role that the roster contradicts', () => {
    expect(placesOf(sampleDocument({ role: 'witness', listeners: [], routes: [] }))).toEqual([
      'role CONFIG_CONFLICT',
    ]);
  });

  test('a witness with listeners', () => {
    expect(placesOf(sampleDocument({ pod: 'watcher', role: 'witness' }))).toEqual([
      'listeners CONFIG_CONFLICT',
    ]);
  });

  test.each([
    [{ 'edge-77': 'edge-0' }, 'placement.edge-77 CONFIG_REFERENCE'],
    [{ 'edge-00': 'edge-7' }, 'placement.edge-00 CONFIG_REFERENCE'],
    [{ 'edge-00': 'watcher' }, 'placement.edge-00 CONFIG_REFERENCE'],
  ])('a placement of %j', (placement, place) => {
    expect(placesOf(sampleDocument({ placement }))).toEqual([place]);
  });

  test.each([
    [{ keys: 'secret' }, 'mesh.keys CONFIG_TYPE'],
    [{ keys: [] }, 'mesh.keys CONFIG_VALUE'],
    [{ keys: [{ id: 'first', secret: 'short' }] }, 'mesh.keys[0].secret CONFIG_VALUE'],
    [{ keys: [{ id: 'a', secret: 'x'.repeat(16) }], keyFile: 'keys' }, 'mesh.keyFile CONFIG_CONFLICT'],
    [{ keyFile: 'keys', isolationAfter: '900ms' }, 'mesh.isolationAfter CONFIG_CONFLICT'],
  ])('a mesh of %j', (mesh, place) => {
    expect(placesOf(sampleDocument({ mesh }))).toEqual([place]);
  });

  test('a secret is in no message', () => {
    const mesh = { keys: [{ id: 'first', secret: 'short' }] };
    expect(JSON.stringify(problemsOf(sampleDocument({ mesh })))).not.toContain('short"');
  });

  test.each([
    [{ bind: '0.0.0.0' }, 'listeners[0].advertise.address CONFIG_REQUIRED'],
    [{ bind: '::', advertise: { address: '::' } }, 'listeners[0].advertise.address CONFIG_VALUE'],
    [{ bind: 'host.example' }, 'listeners[0].bind CONFIG_VALUE'],
    [{ bind: '10.0.0.1', transports: ['SCTP'] }, 'listeners[0].transports[0] CONFIG_VALUE'],
    [{ bind: '10.0.0.1', transports: [] }, 'listeners[0].transports CONFIG_VALUE'],
    [{ bind: '10.0.0.1', transports: ['UDP', 'UDP'] }, 'listeners[0].port CONFIG_DUPLICATE'],
  ])('a listener of %j', (listener, place) => {
    const listeners = [{ name: 'public', ...listener }];
    expect(placesOf(sampleDocument({ listeners, routes: [] }))).toEqual([place]);
  });

  test('two listeners on one socket', () => {
    const listeners = ['public', 'internal'].map((name) => ({ name, bind: '10.0.0.1' }));
    expect(placesOf(sampleDocument({ listeners }))).toEqual(['listeners[1].port CONFIG_DUPLICATE']);
  });

  test('one port for UDP and another listener for TCP is none', () => {
    const listeners = [
      { name: 'public', bind: '10.0.0.1', transports: ['UDP'] },
      { name: 'streams', bind: '10.0.0.1', transports: ['TCP'] },
    ];
    expect(placesOf(sampleDocument({ listeners }))).toEqual([]);
  });

  test.each([
    ['10.0.0.1', ['[2001:db8::1]:5060'], ['routes[0].via CONFIG_CONFLICT']],
    ['2001:db8::2', ['10.0.3.10', '10.0.3.11'], ['routes[0].via CONFIG_CONFLICT']],
    ['10.0.0.1', ['[2001:db8::1]:5060', '10.0.3.10'], []],
    ['10.0.0.1', ['media.example'], []],
  ])('a route by %s to %j', (bind, addresses, places) => {
    const listeners = [{ name: 'public', bind }];
    expect(placesOf(sampleDocument({ listeners, targets: [{ name: 'media', addresses }] }))).toEqual(places);
  });

  test.each(['10.0.0.0/33', '10.0.0/8', 'example.com', '::/129'])('the network %s', (network) => {
    const routes = [{ from: 'public', to: 'media', via: 'public', match: { source: [network] } }];
    expect(placesOf(sampleDocument({ routes }))).toEqual(['routes[0].match.source[0] CONFIG_VALUE']);
  });

  test('a word that was misspelt', () => {
    const [problem] = problemsOf(sampleDocument({ rehoming: { method: 'reinvite' } }));
    expect(problem?.message).toContain('did you mean Reinvite?');
  });
});

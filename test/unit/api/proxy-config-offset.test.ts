import { describe, expect, test } from '@jest/globals';
import { parseProxyConfig, type ProxyConfig } from '../../../src/api/proxy-config.ts';
import { sampleDocument } from './sample-document.ts';

function parsed(changes: Record<string, unknown>): ReturnType<typeof parseProxyConfig> {
  return parseProxyConfig(
    sampleDocument({
      listeners: [
        { name: 'public', bind: '10.0.0.1', port: 5060 },
        { name: 'told', bind: '10.0.0.1', port: 5070, advertise: { address: '203.0.113.1', port: 5062 } },
      ],
      routes: [],
      http: { bind: '10.0.0.1:9090' },
      control: { bind: '10.0.0.1:7947' },
      ...changes,
    }),
  );
}

function configOf(changes: Record<string, unknown>): ProxyConfig {
  const result = parsed(changes);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.value;
}

function placesOf(changes: Record<string, unknown>): string[] {
  const result = parsed(changes);
  return result.ok ? [] : result.problems.map(({ path, code }) => `${path} ${code}`);
}

describe('the offset of ports', () => {
  test.each([200, '200'])(
    '%j is added to every port of the pod, not to one that endpoints are told',
    (portOffset) => {
      const mesh = { bind: '10.0.0.1:7946', keys: [{ id: 'first', secret: 'sixteen letters!' }] };
      const { listeners, http, control, mesh: own } = configOf({ portOffset, mesh });
      expect(listeners.map(({ port, advertise }) => [port, advertise.port])).toEqual([
        [5260, 5260],
        [5270, 5062],
      ]);
      expect([own.bind.port, control?.bind.port, http.bind.port]).toEqual([8146, 8147, 9290]);
    },
  );

  test('leaves the roster as it is, and what is bound by it', () => {
    const [plain, shifted] = [configOf({}), configOf({ portOffset: 100 })];
    expect(shifted.roster).toEqual(plain.roster);
    expect(shifted.mesh.bind).toEqual(plain.mesh.bind);
    expect(plain.listeners.map(({ port }) => port)).toEqual([5060, 5070]);
  });

  test.each([-1, 60_001, 1.5, 'x', '', '$(PORT_OFFSET)', true])('cannot be %j', (portOffset) => {
    expect(placesOf({ portOffset })).toEqual(['portOffset CONFIG_VALUE']);
  });

  test('does not go past the last port', () => {
    expect(placesOf({ portOffset: 56_445 })).toEqual([]);
    expect(placesOf({ portOffset: 56_446 })).toEqual(['portOffset CONFIG_CONFLICT']);
  });
});

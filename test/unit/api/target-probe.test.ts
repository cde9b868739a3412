import { describe, expect, test } from '@jest/globals';
import { parseControlState } from '../../../src/api/control-checks.ts';
import { parseProxyConfig } from '../../../src/api/proxy-config.ts';
import { parseSipClusterSpec } from '../../../src/api/sip-cluster.ts';
import type { Problem } from '../../../src/api/problem.ts';
import { configMap } from '../../../src/reconcile/config-map.ts';
import { sampleDocument } from './sample-document.ts';
import { sampleSpec } from './sample-spec.ts';

const USUAL = { intervalSeconds: 5, timeoutSeconds: 2, failureThreshold: 3, successThreshold: 1 };

const targets = (probe: unknown): object[] => [{ name: 'media', addresses: ['10.0.3.10'], probe }];

function placesOf(parsed: { ok: true } | { ok: false; problems: readonly Problem[] }): string[] {
  return parsed.ok ? [] : parsed.problems.map(({ path, code }) => `${path} ${code}`);
}

describe('the probe of a target', () => {
  test('has a default for everything, in a config and in a spec', () => {
    const config = parseProxyConfig(sampleDocument({ targets: targets({}) }));
    const spec = parseSipClusterSpec(sampleSpec({ targets: targets({ intervalSeconds: 9 }) }));
    expect(config.ok && config.value.targets[0]?.probe).toEqual(USUAL);
    expect(spec.ok && spec.value.targets[0]?.probe).toEqual({ ...USUAL, intervalSeconds: 9 });
  });

  test('is none where none is asked for', () => {
    const config = parseProxyConfig(sampleDocument());
    expect(config.ok && config.value.targets[0]).not.toHaveProperty('probe');
  });

  test.each([
    [{ intervalSeconds: 0 }, 'intervalSeconds CONFIG_VALUE'],
    [{ intervalSeconds: 3601 }, 'intervalSeconds CONFIG_VALUE'],
    [{ timeoutSeconds: 31 }, 'timeoutSeconds CONFIG_VALUE'],
    [{ failureThreshold: 0 }, 'failureThreshold CONFIG_VALUE'],
    [{ successThreshold: '1' }, 'successThreshold CONFIG_TYPE'],
    [{ interval: 5 }, 'interval CONFIG_UNKNOWN_KEY'],
  ])('cannot be %j', (probe, problem) => {
    const config = parseProxyConfig(sampleDocument({ targets: targets(probe) }));
    expect(placesOf(config)).toEqual([`targets[0].probe.${problem}`]);
  });

  test('reaches a pod by its first config and by the control API as it is', () => {
    const spec = parseSipClusterSpec(sampleSpec({ targets: targets({ intervalSeconds: 7 }) }));
    if (!spec.ok) throw new Error(JSON.stringify(spec.problems));
    const text = configMap({ name: 'edge' }, spec.value, []).data['config.yaml'] ?? '';
    const document = JSON.parse(text) as { targets: unknown };
    const probe = { ...USUAL, intervalSeconds: 7 };
    expect(document.targets).toEqual([{ name: 'media', addresses: ['10.0.3.10:5060'], probe }]);
    const state = parseControlState({
      ...{ term: 1, generation: 1, roster: { number: 0, members: [], floor: {} }, peers: [], tags: [] },
      ...{ handOver: [], cordoned: false, cordonReason: '', routes: [], targets: spec.value.targets },
    });
    expect(state.ok && state.value.targets).toEqual(spec.value.targets);
  });
});

import { describe, expect, test } from '@jest/globals';
import { parseSipClusterSpec } from '../../../src/api/sip-cluster.ts';
import type { PodTemplate } from '../../../src/api/sip-cluster-type.ts';
import { sampleSpec } from './sample-spec.ts';

function templateOf(podTemplate: object): PodTemplate {
  const parsed = parseSipClusterSpec(sampleSpec({ podTemplate }));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value.podTemplate;
}

function placesOf(podTemplate: object): string[] {
  const parsed = parseSipClusterSpec(sampleSpec({ podTemplate }));
  return parsed.ok ? [] : parsed.problems.map(({ path, code }) => `${path} ${code}`);
}

describe('what pods carry beside', () => {
  test.each<[object, string]>([
    [{ resources: { requests: { cpu: 'much' } } }, 'resources.requests.cpu CONFIG_VALUE'],
    [{ affinity: 'near' }, 'affinity CONFIG_TYPE'],
    [{ tolerations: [{ operator: 'Exist' }] }, 'tolerations[0].operator CONFIG_VALUE'],
    [{ topologySpreadConstraints: [{}] }, 'topologySpreadConstraints[0].topologyKey CONFIG_REQUIRED'],
    [{ env: [{ name: '1 2' }] }, 'env[0].name CONFIG_VALUE'],
    [{ priorityClassName: 'High' }, 'priorityClassName CONFIG_VALUE'],
  ])('is not %j', (podTemplate, problem) => {
    expect(placesOf(podTemplate)).toEqual([`spec.podTemplate.${problem}`]);
  });

  test.each([
    '2',
    '+1',
    '0.5',
    '.5',
    '1.',
    '500m',
    '250u',
    '1k',
    '2M',
    '256Mi',
    '1.5Gi',
    '1e3',
    '1E-3',
    '3Ei',
  ])('may have %s of a resource', (cpu) => {
    expect(placesOf({ resources: { limits: { cpu } } })).toEqual([]);
  });

  test.each(['', 'much', '-1', '1K', '1ki', '1mi', '500 m', '1.5.2', '1e', '0x10', 0.5, -1, true])(
    'cannot have %j of a resource',
    (memory) => {
      expect(placesOf({ resources: { requests: { memory } } })).toEqual([
        'spec.podTemplate.resources.requests.memory CONFIG_VALUE',
      ]);
    },
  );

  test('has whole numbers of a resource without quotes too', () => {
    expect(templateOf({ resources: { requests: { cpu: 2 } } }).resources).toEqual({
      requests: { cpu: '2' },
    });
  });

  test('is passed on as it is written', () => {
    const affinity = { nodeAffinity: { anything: [1] } };
    expect(templateOf({ affinity }).affinity).toEqual(affinity);
  });
});

import { describe, expect, test } from '@jest/globals';
import { expandEnvironment, podEnvironment } from '../../../src/api/proxy-config-environment.ts';

const ENVIRONMENT = { POD_IP: '10.1.0.7', POD_NAME: 'edge-0', ZONE: '' };

function expanded(document: unknown): unknown {
  return expandEnvironment(document, ENVIRONMENT).document;
}

describe('$(NAME)', () => {
  test('is replaced in texts, however deep, and in nothing else', () => {
    const document = {
      pod: '$(POD_NAME)',
      list: [{ bind: '$(POD_IP):5060' }, 5, true, null],
      '$(POD_IP)': 'key',
    };
    expect(expandEnvironment(document, ENVIRONMENT)).toEqual({
      document: { pod: 'edge-0', list: [{ bind: '10.1.0.7:5060' }, 5, true, null], '$(POD_IP)': 'key' },
      problems: [],
    });
  });

  test.each([
    ['$(POD_NAME)/$(POD_IP)', 'edge-0/10.1.0.7'],
    ['$(ZONE)', ''],
    ['$$(POD_IP)', '$(POD_IP)'],
    ['$POD_IP ${POD_IP} $() $(1)', '$POD_IP ${POD_IP} $() $(1)'],
  ])('%s becomes %j', (text, expected) => {
    expect(expanded(text)).toBe(expected);
  });

  test('puts brackets around an IPv6 address before a port, and only there', () => {
    const environment = { POD_IP: 'fd00::7' };
    expect(expandEnvironment(['$(POD_IP):5060', '$(POD_IP)'], environment).document).toEqual([
      '[fd00::7]:5060',
      'fd00::7',
    ]);
  });

  test('is not expanded twice', () => {
    expect(expandEnvironment('$(A)', { A: '$(B)', B: 'no' }).document).toBe('$(B)');
  });

  test('of an unknown name stays and is a problem', () => {
    expect(expandEnvironment({ mesh: { bind: '$(POD_PI):1' } }, ENVIRONMENT)).toEqual({
      document: { mesh: { bind: '$(POD_PI):1' } },
      problems: [
        {
          path: 'mesh.bind',
          code: 'CONFIG_VALUE',
          message: '$(POD_PI) is not in the environment; did you mean $(POD_IP)?',
        },
      ],
    });
  });

  test.each(['constructor', '__proto__', 'toString'])('knows no %s', (name) => {
    expect(expandEnvironment(`$(${name})`, ENVIRONMENT).problems).toHaveLength(1);
  });
});

test('a config file sees of the environment what a manifest sets, and nothing else', () => {
  const given = { POD_IP: '10.1.0.7', ADVERTISE_PUBLIC: 'sip.example', HOME: '/root', ZONE: undefined };
  expect(podEnvironment(given)).toEqual({ POD_IP: '10.1.0.7', ADVERTISE_PUBLIC: 'sip.example' });
});

import { describe, expect, test } from '@jest/globals';
import { readOperatorCommand } from '../../../src/operator/options.ts';

const POD = {
  REHOME_API_SERVER: 'http://127.0.0.1:6443',
  REHOME_API_TOKEN_FILE: '/run/token',
  POD_NAME: 'rehome-operator-0',
  POD_UID: '7dd31c5a-19d7',
  POD_NAMESPACE: 'rehome-system',
  POD_IP: '127.30.0.2',
};

describe('rehome operator', () => {
  test('runs in a pod without any flag', () => {
    expect(readOperatorCommand([], POD)).toEqual({
      kind: 'run',
      options: {
        apiServer: 'http://127.0.0.1:6443',
        tokenFile: '/run/token',
        caFile: '',
        kubeconfig: '',
        context: '',
        namespace: '',
        leaseNamespace: 'rehome-system',
        identity: 'rehome-operator-0_7dd31c5a-19d7',
        http: { address: '127.30.0.2', port: 9090 },
        mesh: { address: '127.30.0.2', port: 7946 },
        logLevel: 'info',
      },
    });
  });

  test('takes a flag before the environment, and an address of version 6', () => {
    const command = readOperatorCommand(
      [
        '--api-server',
        'https://api',
        '--namespace',
        'calls',
        '--mesh-bind',
        '[::1]:9',
        '--log-level',
        'debug',
      ],
      { ...POD, POD_IP: 'fd00::2' },
    );
    expect(command).toMatchObject({
      kind: 'run',
      options: {
        ...{ apiServer: 'https://api', namespace: 'calls', logLevel: 'debug' },
        mesh: { address: '::1', port: 9 },
        http: { address: 'fd00::2', port: 9090 },
      },
    });
  });

  test.each([
    [['--api-server', 'nonsense'], {}, '--api-server must be a URL'],
    [['--http-bind', 'here'], POD, '--http-bind must be host:port'],
    [['--mesh-bind', '1.2.3.4'], POD, '--mesh-bind must be host:port'],
    [['--log-level', 'loud'], POD, '--log-level must be one of error, warn, info, debug'],
  ])('%j says what is wrong', (argv, environment, problem) => {
    expect(readOperatorCommand(argv, environment)).toEqual({ kind: 'wrong', problem });
  });

  test('names a flag that it does not have', () => {
    expect(readOperatorCommand(['--replicas', '2'], POD)).toMatchObject({ kind: 'wrong' });
    expect(readOperatorCommand(['-h'], {})).toEqual({ kind: 'help' });
  });
});

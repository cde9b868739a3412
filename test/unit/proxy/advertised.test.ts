import { expect, it, jest } from '@jest/globals';
import type { ListenerConfig } from '../../../src/api/proxy-config.ts';
import { Advertised, withTold } from '../../../src/proxy/advertised.ts';
import { newLogger } from '../../../src/runtime/logger.ts';

const BOUND = { bind: '10.0.0.1', port: 5060, transports: ['UDP'] } as const;
const POD = { address: '10.0.0.1', port: 5060 };
const OUTSIDE = { address: '203.0.113.7', port: 30_060 };
const CONFIGS: ListenerConfig[] = [
  { ...BOUND, name: 'public', advertise: POD, told: true },
  { ...BOUND, name: 'internal', advertise: POD },
];

function made(told: Record<string, typeof POD> = {}): {
  advertised: Advertised;
  replace: jest.Mock;
  warn: jest.Mock;
} {
  const log = newLogger('error', {});
  const warn = jest.fn();
  Object.assign(log, { warn });
  const replace = jest.fn();
  const advertised = new Advertised(withTold(CONFIGS, told), told, { listeners: { replace }, log });
  return { advertised, replace, warn };
}

it('waits until every listener that is told knows its address, and takes those only', async () => {
  const { advertised, replace } = made();
  expect(advertised.untold).toEqual(['public']);
  advertised.take({ internal: OUTSIDE });
  expect(replace).not.toHaveBeenCalled();
  advertised.take({ public: OUTSIDE, internal: OUTSIDE });
  await advertised.known;
  expect(advertised.untold).toEqual([]);
  expect(replace).toHaveBeenCalledWith([
    { ...CONFIGS[0], advertise: OUTSIDE },
    { ...CONFIGS[1], advertise: POD },
  ]);
});

it('knows at its start what it was told before', async () => {
  const { advertised } = made({ public: OUTSIDE });
  await advertised.known;
  expect(advertised.untold).toEqual([]);
});

it('stays with an address that endpoints know, and says once that another one needs a restart', () => {
  const { advertised, replace, warn } = made({ public: OUTSIDE });
  advertised.take({ public: OUTSIDE });
  advertised.take({});
  expect(warn).not.toHaveBeenCalled();
  advertised.take({ public: POD });
  advertised.take({ public: POD });
  expect(warn).toHaveBeenCalledTimes(1);
  expect(warn.mock.calls[0]?.[1]).toEqual({ code: 'ADDRESS_CHANGED', listeners: ['public'] });
  expect(replace).not.toHaveBeenCalled();
});

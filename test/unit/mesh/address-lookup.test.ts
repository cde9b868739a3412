import { describe, expect, it } from '@jest/globals';
import { AddressLookup } from '../../../src/mesh/address-lookup.ts';

const at = (bind: string): AddressLookup => new AddressLookup(bind, () => 0);

describe('address lookup', () => {
  it('connects from the mesh address, unless that is all of them or of another family', () => {
    expect(at('127.0.0.1').localAddressFor('127.0.0.2')).toBe('127.0.0.1');
    expect(at('127.0.0.1').localAddressFor('edge-1.mesh')).toBe('127.0.0.1');
    expect(at('0.0.0.0').localAddressFor('127.0.0.2')).toBeUndefined();
    expect(at('::').localAddressFor('::1')).toBeUndefined();
    expect(at('127.0.0.1').localAddressFor('::1')).toBeUndefined();
  });

  it('gives literal addresses as they are, and later in the turn', async () => {
    const found = await new Promise((resolve) => {
      at('127.0.0.1').one('::1', {}, (error, address, family) => {
        resolve({ error, address, family });
      });
    });
    expect(found).toEqual({ error: null, address: '::1', family: 6 });
  });

  it('maps IPv4 for a socket of both families', async () => {
    for (const name of ['127.0.0.1', 'localhost']) {
      const address = await new Promise((resolve) => {
        at('::').one(name, {}, (_error, found) => {
          resolve(found);
        });
      });
      expect(['::ffff:127.0.0.1', '::1']).toContain(address);
    }
  });

  it('asks once for all who want a name at the same time, and not again for 5 s', async () => {
    let nowMs = 0;
    const lookup = new AddressLookup('127.0.0.1', () => nowMs);
    const find = (): Promise<unknown> =>
      new Promise((resolve) => {
        lookup.all('localhost', { all: true }, (_error, addresses) => {
          resolve(addresses);
        });
      });
    const [first, second] = await Promise.all([find(), find()]);
    expect(second).toBe(first);
    nowMs = 4_999;
    expect(await find()).toBe(first);
    nowMs = 5_000;
    expect(await find()).not.toBe(first);
  });

  it('finds a name in the family of the mesh socket', async () => {
    const found = await new Promise((resolve) => {
      at('127.0.0.1').all('localhost', { all: true }, (error, addresses) => {
        resolve({ error, addresses });
      });
    });
    expect(found).toEqual({ error: null, addresses: [{ address: '127.0.0.1', family: 4 }] });
  });

  it('says that a name has no address', async () => {
    const error = await new Promise((resolve) => {
      at('127.0.0.1').one('no-such-name.invalid', {}, resolve);
    });
    expect(error).toHaveProperty('code', expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/));
  });
});

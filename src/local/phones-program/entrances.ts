import { lookup } from 'node:dns/promises';
import { ipFamily, parseHostPort } from '../../api/address.ts';
import type { SocketAddress } from '../phone-address.ts';
import { wallClockMs } from '../wall-clock.ts';

/** A name is looked up again after so many ms, so that a call soon goes to a pod that is new. */
const KEPT_MS = 1000;

/** Where new calls go: to each entrance in turn, and to each address of it in turn. */
export class Entrances {
  readonly #through: readonly string[];
  readonly #found = new Map<string, { atMs: number; addresses: string[] }>();
  #next = 0;

  /** `through`: host:port each. */
  constructor(through: readonly string[]) {
    this.#through = through;
  }

  /** The next one. Rejects if its name cannot be looked up. */
  async next(): Promise<SocketAddress> {
    const turn = this.#next;
    this.#next += 1;
    const { length } = this.#through;
    const place = parseHostPort(this.#through[turn % length] ?? '');
    if (place === undefined) throw new Error('there is no entrance');
    const addresses = await this.#addressesOf(place.address);
    const address = addresses[Math.floor(turn / length) % addresses.length];
    if (address === undefined) throw new Error(`${place.address} has no address`);
    return { address, port: place.port };
  }

  async #addressesOf(host: string): Promise<string[]> {
    if (ipFamily(host) !== 0) return [host];
    const known = this.#found.get(host);
    if (known !== undefined && wallClockMs() - known.atMs < KEPT_MS) return known.addresses;
    const found = await lookup(host, { all: true, order: 'ipv4first' });
    const addresses = found.map(({ address }) => address).sort();
    this.#found.set(host, { atMs: wallClockMs(), addresses });
    return addresses;
  }
}

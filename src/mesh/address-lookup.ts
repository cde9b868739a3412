import type { SocketOptions } from 'node:dgram';
import { lookup as resolve, V4MAPPED, type LookupAddress, type LookupOptions } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';

const KEEP_MS = 5000;
const WILDCARDS: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

type LookupOne = NonNullable<SocketOptions['lookup']>;

interface Entry {
  addresses: LookupAddress[];
  untilMs: number;
  waiting: ((error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void)[];
}

/**
 * Names of members to addresses of the mesh socket's own family. Answers are kept for 5 s and a name is asked once at
 * a time: every question to a resolver that is down holds a thread that the voter file's writes need, too.
 */
export class AddressLookup {
  readonly #bind: string;
  readonly #family: 4 | 6;
  readonly #nowMs: () => number;
  readonly #entries = new Map<string, Entry>();

  /** `bind`: the literal address of the own sockets. */
  constructor(bind: string, nowMs: () => number) {
    this.#bind = bind;
    this.#family = isIP(bind) === 6 ? 6 : 4;
    this.#nowMs = nowMs;
  }

  get family(): 4 | 6 {
    return this.#family;
  }

  /** What a connection to `address` is made from, so that peers and filters see the mesh address; undefined: any. */
  localAddressFor(address: string): string | undefined {
    const other = isIP(address);
    return WILDCARDS.has(this.#bind) || (other !== 0 && other !== this.#family) ? undefined : this.#bind;
  }

  /** For the `lookup` option of TCP sockets. */
  readonly all: LookupFunction = (name, options, callback) => {
    if (options.all !== true) this.one(name, {}, callback);
    else this.#find(name, callback);
  };

  /** For the `lookup` option of UDP sockets. */
  readonly one: LookupOne = (name, _options, callback) => {
    this.#find(name, (error, addresses) => {
      const [first] = addresses;
      if (error !== null || first === undefined) callback(error ?? notFound(name), '', this.#family);
      else callback(null, first.address, first.family);
    });
  };

  #find(name: string, callback: Entry['waiting'][number]): void {
    const family = isIP(name);
    const known = this.#entries.get(name);
    if (family !== 0) process.nextTick(callback, null, [this.#literal(name, family)]);
    else if (known !== undefined && this.#nowMs() < known.untilMs)
      process.nextTick(callback, null, known.addresses);
    else if (known !== undefined && known.waiting.length > 0) known.waiting.push(callback);
    else this.#ask(name, callback);
  }

  /** A socket bound to `::` reaches IPv4 by mapped addresses (RFC 4291 §2.5.5.2). */
  #literal(address: string, family: number): LookupAddress {
    return family === 4 && this.#family === 6
      ? { address: `::ffff:${address}`, family: 6 }
      : { address, family };
  }

  #ask(name: string, callback: Entry['waiting'][number]): void {
    const entry: Entry = { addresses: [], untilMs: -Infinity, waiting: [callback] };
    this.#entries.set(name, entry);
    const options: LookupOptions & { all: true } = {
      all: true,
      family: this.#family,
      hints: this.#family === 6 ? V4MAPPED : 0,
    };
    resolve(name, options, (error, addresses) => {
      if (error === null) {
        entry.addresses = addresses;
        entry.untilMs = this.#nowMs() + KEEP_MS;
      }
      for (const waiting of entry.waiting.splice(0)) waiting(error, entry.addresses);
    });
  }
}

function notFound(name: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`no address for ${name}`), { code: 'ENOTFOUND' });
}

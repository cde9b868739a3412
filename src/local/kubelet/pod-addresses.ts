const FIRST_HOST = 11;
/** Hosts above are for phones and other things that are no pods. */
const LAST_HOST = 199;

/** Addresses 127.0.N.11 to .199 for pods; one that was given back is used again last, as late as can be. */
export class PodAddresses {
  readonly #network: number;
  readonly #used = new Set<number>();
  #next = FIRST_HOST;

  constructor(network: number) {
    this.#network = network;
  }

  /** The next free address; undefined if there is none. */
  take(): string | undefined {
    for (let tried = FIRST_HOST; tried <= LAST_HOST; tried += 1) {
      const host = this.#next;
      this.#next = host === LAST_HOST ? FIRST_HOST : host + 1;
      if (this.#used.has(host)) continue;
      this.#used.add(host);
      return `127.0.${this.#network}.${host}`;
    }
    return undefined;
  }

  /** Takes an address back; one that was not taken from here is left alone. */
  giveBack(address: string): void {
    this.#used.delete(Number(address.split('.')[3]));
  }
}

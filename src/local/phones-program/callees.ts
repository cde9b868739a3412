import type { PhoneCall } from '../phone-call.ts';
import { Phone } from '../phone.ts';

/** Who is called in all runs: phones at one port, over UDP and TCP. */
export class Callees {
  readonly #phones: readonly Phone[];
  /** Port of both. */
  readonly port: number;

  private constructor(phones: readonly Phone[], port: number) {
    this.#phones = phones;
    this.port = port;
  }

  /** Opens the sockets; any free port where that is 0. Rejects if the port is taken. */
  static async open(address: string, port: number): Promise<Callees> {
    const udp = await Phone.open({ address, port });
    const bound = udp.local.port;
    const tcp = await Phone.open({ address, port: bound, transport: 'TCP' });
    return new Callees([udp, tcp], bound);
  }

  /** The newest call of that name, by whichever transport it came. */
  named(name: string): PhoneCall | undefined {
    return this.#phones.map((phone) => phone.named(name)).find((call) => call !== undefined);
  }

  forget(call: PhoneCall): void {
    for (const phone of this.#phones) phone.forget(call);
  }

  /** First lines of messages that belonged to no call. */
  get strays(): string[] {
    return this.#phones.flatMap(({ strays }) => strays);
  }

  async close(): Promise<void> {
    await Promise.all(this.#phones.map((phone) => phone.close()));
  }
}

import type { PhoneCall } from '../phone-call.ts';
import { Callees } from './callees.ts';
import type { PhonesActions } from './phones-server.ts';
import { Run } from './run.ts';
import type { RunContacts, RunLedger, RunRequest } from './run-type.ts';

/** The callees of all runs, and the runs. */
export class Phones implements PhonesActions {
  readonly #address: string;
  readonly #callees: Callees;
  readonly #runs = new Map<string, Run>();

  private constructor(address: string, callees: Callees) {
    this.#address = address;
    this.#callees = callees;
  }

  /** Opens the callees' sockets. Rejects if the port is taken. */
  static async open(address: string, port: number): Promise<Phones> {
    return new Phones(address, await Callees.open(address, port));
  }

  /** Port of the callees. */
  get port(): number {
    return this.#callees.port;
  }

  /** The called end of a call. */
  callee(name: string): PhoneCall | undefined {
    return this.#callees.named(name);
  }

  async start(request: RunRequest): Promise<RunLedger> {
    if (this.#runs.has(request.name)) throw new Error(`there is a run ${request.name} already`);
    const run = await Run.open(request, this.#address, this.#callees);
    this.#runs.set(request.name, run);
    run.begin();
    return run.ledger();
  }

  ledger(name: string): RunLedger | undefined {
    return this.#runs.get(name)?.ledger();
  }

  contacts(name: string): RunContacts | undefined {
    return this.#runs.get(name)?.contacts();
  }

  stop(name: string): RunLedger | undefined {
    const run = this.#runs.get(name);
    run?.stop();
    return run?.ledger();
  }

  hangUp(name: string): Promise<RunLedger> | undefined {
    return this.#runs.get(name)?.hangUp();
  }

  remove(name: string): Promise<void> | undefined {
    const run = this.#runs.get(name);
    this.#runs.delete(name);
    return run?.end();
  }

  ledgers(): RunLedger[] {
    return [...this.#runs.values()].map((run) => run.ledger());
  }

  strays(): readonly string[] {
    return this.#callees.strays;
  }

  /** Ends all runs and closes the sockets. */
  async close(): Promise<void> {
    const runs = [...this.#runs.values()];
    this.#runs.clear();
    await Promise.all(runs.map((run) => run.end()));
    await this.#callees.close();
  }
}

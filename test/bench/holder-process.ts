import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { HolderOrder, HolderReport } from './holders.ts';

const HOLDERS = fileURLToPath(new URL('holders.ts', import.meta.url));

/** Two groups of phones in a process of their own, so that their CPU time is not ours. */
export class HolderProcess {
  readonly callee: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, callee: string) {
    this.#child = child;
    this.callee = callee;
  }

  /** Opens the phones: callers at `.1` and callees at `.2` of the network. */
  static async start(network: number): Promise<HolderProcess> {
    const child = fork(HOLDERS, {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: ['--no-warnings', '--max-semi-space-size=16'],
    });
    const address = (host: number): string => `127.0.${String(network)}.${String(host)}`;
    const holders = new HolderProcess(child, `${address(2)}:5060`);
    await holders.ask({ do: 'open', caller: address(1), callee: address(2) });
    return holders;
  }

  /** Gives an order and waits until it is done. */
  async ask(order: HolderOrder): Promise<HolderReport> {
    const answer = once(this.#child, 'message');
    this.#child.send(order);
    const [report] = (await answer) as [HolderReport];
    return report;
  }

  stop(): void {
    this.#child.disconnect();
  }
}

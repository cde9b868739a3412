import { StaticCluster } from '../../src/local/static-cluster.ts';
import type { ConfigDocument, PodPlace } from '../../src/local/static-config.ts';
import { hostPort, type SocketAddress } from '../../src/local/phone-address.ts';
import type { StaticPod } from '../../src/local/static-pod.ts';
import { pause, until } from '../../src/local/until.ts';
import { Sipp, type SippOptions, type SippResult } from './sipp.ts';
import type { Step } from './sipp-steps.ts';

/** SIP timers short enough that everything is forgotten within some seconds (64*T1 = 6.4 s). */
export const QUICK_TIMERS = { t1: '100ms', t2: '400ms', t4: '500ms' };

const FORGOTTEN_WITHIN_MS = 20_000;
const CALLEE_STARTS_MS = 300;

/** What two scenarios are run against. */
export interface PairOptions {
  caller: readonly Step[] | 'uac';
  callee: readonly Step[] | 'uas';
  calls?: number;
  rate?: number;
  limit?: number;
  lengthMs?: number;
  callerTransport?: 'UDP' | 'TCP';
  calleeTransport?: 'UDP' | 'TCP';
}

/** One pod between a sipp caller and a sipp callee. */
export class OnePod {
  readonly pod: StaticPod;
  readonly #cluster: StaticCluster;
  readonly #caller: SocketAddress;
  readonly #callee: SocketAddress;

  private constructor(cluster: StaticCluster, caller: SocketAddress, callee: SocketAddress) {
    const [pod] = cluster.pods;
    if (pod === undefined) throw new Error('no pod');
    this.pod = pod;
    this.#cluster = cluster;
    this.#caller = caller;
    this.#callee = callee;
  }

  /** Starts the pod; caller and callee get addresses in the network of the pod's own. */
  static async start(
    network: number,
    options: { configure?: (config: ConfigDocument, place: PodPlace) => void; callees?: string[] } = {},
  ): Promise<OnePod> {
    const caller = { address: `127.0.${String(network)}.1`, port: 5060 };
    const callee = { address: `127.0.${String(network)}.2`, port: 5060 };
    const cluster = await StaticCluster.start({
      callees: options.callees ?? [hostPort(callee)],
      pods: 1,
      network,
      configure: (config, place) => {
        config['sip'] = QUICK_TIMERS;
        options.configure?.(config, place);
      },
    });
    return new OnePod(cluster, caller, callee);
  }

  get callee(): SocketAddress {
    return this.#callee;
  }

  /** Runs a pair of scenarios to their end. */
  async run(pair: PairOptions): Promise<{ caller: SippResult; callee: SippResult }> {
    const calls = pair.calls ?? 5;
    const common = { calls, ...pacing(pair) };
    const callee = new Sipp({
      ...common,
      side: 'callee',
      steps: pair.callee,
      local: this.#callee,
      ...(pair.calleeTransport === undefined ? {} : { transport: pair.calleeTransport }),
    });
    await pause(CALLEE_STARTS_MS);
    const caller = new Sipp({
      ...common,
      side: 'caller',
      steps: pair.caller,
      local: this.#caller,
      remote: this.pod.place.public,
      ...(pair.callerTransport === undefined ? {} : { transport: pair.callerTransport }),
    });
    const [called, answered] = await Promise.all([caller.result, callee.result]);
    return { caller: called, callee: answered };
  }

  /** Runs one sipp process as the caller. */
  async call(steps: readonly Step[], options: Partial<SippOptions> = {}): Promise<SippResult> {
    const remote = this.pod.place.public;
    const caller = { side: 'caller', steps, local: this.#caller, remote, calls: 1, ...options } as const;
    return new Sipp(caller).result;
  }

  /** Waits until the pod has forgotten everything; throws, naming what is left, if it does not. */
  async forgotten(): Promise<void> {
    await forgotten(this.pod);
  }

  async stop(): Promise<void> {
    await this.#cluster.stop();
  }
}

function pacing({ rate, limit, lengthMs }: PairOptions): Pick<SippOptions, 'rate' | 'limit' | 'lengthMs'> {
  return {
    ...(rate === undefined ? {} : { rate }),
    ...(limit === undefined ? {} : { limit }),
    ...(lengthMs === undefined ? {} : { lengthMs }),
  };
}

/** Waits until no dialog, transaction, timer or token is left in the pod. */
export async function forgotten(pod: StaticPod): Promise<void> {
  let left = '';
  try {
    await until(
      async () => {
        left = await leftOvers(pod);
        return left === '';
      },
      FORGOTTEN_WITHIN_MS,
      'the pod to forget its calls',
    );
  } catch (error) {
    throw new Error(`${pod.name} still has ${left}`, { cause: error });
  }
}

/** What a pod still remembers, in words; '' if nothing. */
async function leftOvers(pod: StaticPod): Promise<string> {
  const status = await pod.status();
  if (status === undefined) return 'no status';
  const counts: [what: string, count: number][] = [
    ['early dialogs', status.dialogs.early],
    ['confirmed dialogs', status.dialogs.confirmed],
    ['transactions', status.transactions],
    ['timers', status.timers],
    ['held messages', status.heldMessages],
    ['copies', status.tags.reduce((sum, tag) => sum + tag.copies, 0)],
  ];
  return counts
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${String(count)} ${what}`)
    .join(', ');
}

import { StaticCluster } from '../../src/local/static-cluster.ts';
import type { ConfigDocument, PodPlace } from '../../src/local/static-config.ts';
import { at } from '../../src/local/free-network.ts';
import { hostPort, type SocketAddress } from '../../src/local/phone-address.ts';
import type { StaticPod } from '../../src/local/static-pod.ts';
import { pause } from '../../src/local/until.ts';
import { testNetwork } from './network.ts';
import { LeakCheck } from './leak-check.ts';
import { Sipp, type SippOptions, type SippResult } from './sipp.ts';
import type { Step } from './sipp-steps.ts';

/** SIP timers short enough that everything is forgotten within some seconds (64*T1 = 6.4 s). */
export const QUICK_TIMERS = { t1: '100ms', t2: '400ms', t4: '500ms' };

const SIP_PORT = 5060;
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
  readonly #leaks: LeakCheck;
  readonly caller: SocketAddress;
  readonly callee: SocketAddress;

  private constructor(cluster: StaticCluster, leaks: LeakCheck, network: number) {
    const [pod] = cluster.pods;
    if (pod === undefined) throw new Error('no pod');
    this.pod = pod;
    this.#cluster = cluster;
    this.#leaks = leaks;
    this.caller = at(network, 1, SIP_PORT);
    this.callee = at(network, 2, SIP_PORT);
  }

  /** Starts the pod; caller and callee get addresses in the network of the pod's own. */
  static async start(
    options: { configure?: (config: ConfigDocument, place: PodPlace) => void; callees?: string[] } = {},
  ): Promise<OnePod> {
    const network = await testNetwork();
    const cluster = await StaticCluster.start({
      callees: options.callees ?? [hostPort(at(network, 2, SIP_PORT))],
      pods: 1,
      network,
      configure: (config, place) => {
        config['sip'] = QUICK_TIMERS;
        options.configure?.(config, place);
      },
    });
    return new OnePod(cluster, await LeakCheck.begin(cluster.pods), network);
  }

  /** Runs a pair of scenarios to their end. */
  async run(pair: PairOptions): Promise<{ caller: SippResult; callee: SippResult }> {
    const calls = pair.calls ?? 5;
    const common = { calls, ...pacing(pair) };
    const callee = new Sipp({
      ...common,
      side: 'callee',
      steps: pair.callee,
      local: this.callee,
      ...(pair.calleeTransport === undefined ? {} : { transport: pair.calleeTransport }),
    });
    await pause(CALLEE_STARTS_MS);
    const caller = new Sipp({
      ...common,
      side: 'caller',
      steps: pair.caller,
      local: this.caller,
      remote: this.pod.place.public,
      ...(pair.callerTransport === undefined ? {} : { transport: pair.callerTransport }),
    });
    const [called, answered] = await Promise.all([caller.result, callee.result]);
    return { caller: called, callee: answered };
  }

  /** Runs one sipp process as the caller. */
  async call(steps: readonly Step[], options: Partial<SippOptions> = {}): Promise<SippResult> {
    const remote = this.pod.place.public;
    const caller = { side: 'caller', steps, local: this.caller, remote, calls: 1, ...options } as const;
    return new Sipp(caller).result;
  }

  /** Waits until the pod has forgotten everything; throws, naming what is left, if it does not. */
  async forgotten(): Promise<void> {
    await this.#leaks.passed([this.pod]);
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

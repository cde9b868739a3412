import type { ProxyConfig, TargetAddress } from '../../api/proxy-config.ts';
import type { Logger } from '../../runtime/logger.ts';
import { bracketed } from '../listeners.ts';
import type { ProxyMetrics } from '../metrics.ts';
import { byCallId } from './by-call-id.ts';
import { AddressProber, type ProbeContext, type ProbedAddress } from './address-prober.ts';

interface Labels {
  target: string;
  address: string;
}

/** What the probes need of a pod. */
type ProbesContext = ProbeContext & {
  readonly log: Logger;
  readonly metrics: Pick<ProxyMetrics, 'targetUp'>;
};

type Routed = Pick<ProxyConfig, 'routes' | 'targets'>;

/** In which order addresses of the targets are tried: asks those that are to be probed, and puts those that are down last. */
export class TargetProbes {
  readonly #context: ProbesContext;
  /** By target and address. */
  readonly #entries = new Map<string, { prober: AddressProber; labels: Labels }>();
  /** Names of the targets whose calls are spread. */
  #spread: ReadonlySet<string> = new Set();
  #known = false;

  constructor(context: ProbesContext) {
    this.#context = context;
  }

  /** The addresses of a target in the order in which they are tried for a call. */
  inOrder(target: string, given: readonly TargetAddress[], callId: string): readonly TargetAddress[] {
    const addresses = this.#spread.has(target) ? byCallId(given, callId) : given;
    if (this.#entries.size === 0) return addresses;
    const isDown = (address: TargetAddress): boolean =>
      this.#entries.get(keyOf(target, address))?.prober.up === false;
    const down = addresses.filter(isDown);
    return down.length === 0 ? addresses : [...addresses.filter((address) => !isDown(address)), ...down];
  }

  /** Probes the targets of a config, unless newer ones are known already. */
  begin(routed: Routed): void {
    if (!this.#known) this.replace(routed);
  }

  /** Probes these targets from now on; addresses that stay keep what is known of them. */
  replace(routed: Routed): void {
    this.#known = true;
    const spread = routed.targets.filter(({ balance }) => balance === 'CallId');
    this.#spread = new Set(spread.map(({ name }) => name));
    const wanted = new Map(this.#probed(routed).map((each) => [keyOf(each.target, each.address), each]));
    for (const [key, { prober, labels }] of this.#entries) {
      if (wanted.has(key)) continue;
      prober.stop();
      this.#entries.delete(key);
      this.#context.metrics.targetUp.remove(labels);
    }
    for (const [key, probed] of wanted) this.#probe(key, probed);
  }

  stop(): void {
    this.replace({ routes: [], targets: [] });
  }

  /** Addresses that a route reaches by a listener of this pod; the first such route's listener asks. */
  #probed({ routes, targets }: Routed): ProbedAddress[] {
    const { listeners } = this.#context;
    return targets.flatMap(({ addresses, name, probe }) => {
      if (probe === undefined) return [];
      const vias = routes.filter(({ to }) => to === name).map(({ via }) => via);
      return addresses.flatMap((address) => {
        const via = vias.find((each) => listeners.hop(each, address.transport) !== undefined);
        return via === undefined ? [] : [{ target: name, via, address, probe }];
      });
    });
  }

  #probe(key: string, probed: ProbedAddress): void {
    const known = this.#entries.get(key);
    if (known) {
      known.prober.adjust(probed);
      return;
    }
    const { target, address } = probed;
    const labels = { target, address: textOf(address) };
    const prober = new AddressProber(this.#context, probed, (up, why) => {
      this.#changed(labels, up, why);
    });
    this.#entries.set(key, { prober, labels });
    this.#context.metrics.targetUp.set(labels, 1);
  }

  #changed(labels: Labels, up: boolean, why: string): void {
    const { log, metrics } = this.#context;
    metrics.targetUp.set(labels, up ? 1 : 0);
    if (up) log.info('an address of a target is there again', { code: 'TARGET_UP', ...labels, why });
    else
      log.warn('an address of a target is down: it is tried last', { code: 'TARGET_DOWN', ...labels, why });
  }
}

function keyOf(target: string, address: TargetAddress): string {
  return `${target} ${textOf(address)}`;
}

/** As it is written in a config. */
function textOf({ address, port, transport }: TargetAddress): string {
  return `${bracketed(address)}:${String(port)}${transport === 'TCP' ? ';transport=tcp' : ''}`;
}

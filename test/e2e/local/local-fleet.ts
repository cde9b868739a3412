import { EVENTS, LEASES } from '../../../src/kube/kinds.ts';
import { DemoCalls } from '../../../src/local/demo-calls.ts';
import { DemoCluster } from '../../../src/local/demo-cluster.ts';
import { until } from '../../../src/local/until.ts';
import { testNetwork } from '../network.ts';
import { PUBLIC_PORT, TalkingFleet } from './talking-fleet.ts';

export { PUBLIC_PORT } from './talking-fleet.ts';

/** What the cluster of a fleet is. */
export interface LocalFleetOptions {
  replicas?: number;
  nodes?: number;
  shards?: number;
  /** Lines of YAML for the end of the spec, indented by two. */
  spec?: string;
  /** Whole documents beside. */
  documents?: string;
}

const LED_WITHIN_MS = 60_000;
const OPERATOR_NAMESPACE = 'rehome-system';

/** A `rehome local` with pods between two groups of phones, used by its commands alone. */
export class LocalFleet extends TalkingFleet {
  readonly cluster: DemoCluster;
  #led = '';

  private constructor(cluster: DemoCluster, phones: DemoCalls) {
    super(cluster, phones);
    this.cluster = cluster;
  }

  /** Starts it and waits until it is settled. */
  static async start(options: LocalFleetOptions = {}): Promise<LocalFleet> {
    const { replicas = 3, nodes = 3 } = options;
    const network = await testNetwork();
    const phones = await DemoCalls.open({ network });
    try {
      const manifest = manifestOf(options, phones.target);
      const fleet = new LocalFleet(await DemoCluster.start({ manifest, network, nodes }), phones);
      try {
        await fleet.settled(replicas);
        return fleet;
      } catch (error) {
        const tail = fleet.cluster.logTail();
        await fleet.cluster.stop();
        throw new Error(`${String(error)}\n${tail}`, { cause: error });
      }
    } catch (error) {
      await phones.close();
      throw error;
    }
  }

  rehome(...args: string[]): Promise<string> {
    return this.cluster.must(...args);
  }

  /** Reasons of Events about an object, oldest first. */
  async events(name?: string): Promise<string[]> {
    const events = await this.cluster.list(EVENTS);
    return events
      .filter((event) => name === undefined || event.regarding.name === name)
      .map(({ reason }) => reason);
  }

  /** Kills the operator's process. */
  async killOperator(): Promise<void> {
    const [operator] = await this.cluster.operators();
    if (operator === undefined) throw new Error('there is no operator');
    this.#led = await this.#leader();
    await this.rehome('kill', operator.metadata.name, '-n', OPERATOR_NAMESPACE);
  }

  /** Waits until another operator leads than the one that was killed: before that the status of objects is old. */
  async untilLed(): Promise<void> {
    const isLed = async (): Promise<boolean> => ![this.#led, ''].includes(await this.#leader());
    await until(isLed, LED_WITHIN_MS, 'another operator to lead');
  }

  /** Which leadership it is; '' for none. A process that comes again in the same pod leads anew. */
  async #leader(): Promise<string> {
    const [lease] = await this.cluster.list(LEASES, OPERATOR_NAMESPACE);
    const { holderIdentity = '', leaseTransitions = 0, acquireTime = '' } = lease?.spec ?? {};
    return holderIdentity && `${holderIdentity} ${leaseTransitions} ${acquireTime}`;
  }

  /** Writes the manifest anew with other options and applies it. */
  async apply(options: LocalFleetOptions): Promise<string> {
    const file = this.cluster.file('changed.yaml', manifestOf(options, this.phones.target));
    return this.rehome('apply', '-f', file);
  }

  async stop(): Promise<void> {
    await this.cluster.stop();
    await this.phones.close();
  }
}

/** The SipCluster `edge` and what is beside it, in YAML; its calls go to `target`. */
export function manifestOf(options: LocalFleetOptions, target: string): string {
  const { replicas = 3, shards = 12, spec = '', documents = '' } = options;
  const routes = spec.includes('  routes:')
    ? ''
    : '  routes: [{ from: public, to: phones, via: internal }]\n';
  const targets = spec.includes('  targets:')
    ? ''
    : `  targets: [{ name: phones, addresses: ["${target}"] }]\n`;
  return `apiVersion: sip.rehome.dev/v1alpha1
kind: SipCluster
metadata: { name: edge }
spec:
  replicas: ${replicas}
  shards: ${shards}
  listeners:
    - { name: public, transports: [UDP, TCP], port: ${PUBLIC_PORT} }
    - { name: internal, transports: [UDP, TCP], port: 5070 }
${routes}${targets}${spec}
${documents}`;
}

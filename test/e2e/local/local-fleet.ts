import type { DialogShard } from '../../../src/api/dialog-shard-type.ts';
import { EVENTS, LEASES } from '../../../src/kube/kinds.ts';
import type { Pod } from '../../../src/kube/objects.ts';
import { DemoCalls, isAt, useCall } from '../../../src/local/demo-calls.ts';
import { DemoCluster } from '../../../src/local/demo-cluster.ts';
import { DeadPods } from '../../../src/local/demo-excuse.ts';
import {
  look,
  ownedBy,
  podAt,
  stayingPods,
  untilSettled,
  type DemoView,
} from '../../../src/local/demo-view.ts';
import { Talk, TALK_ENDS, type TalkCall } from '../../../src/local/talk.ts';
import { TalkLedger } from '../../../src/local/talk-ledger.ts';
import { pause, until } from '../../../src/local/until.ts';
import { wallClockMs } from '../../../src/local/wall-clock.ts';
import { testNetwork } from '../network.ts';

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

export const PUBLIC_PORT = 5060;
const SETTLES_WITHIN_MS = 90_000;
const MOVED_WITHIN_MS = 60_000;
const LED_WITHIN_MS = 60_000;
const OPERATOR_NAMESPACE = 'rehome-system';
const LAST_ANSWERS_MS = 5000;
/** What is sent after the last change still belongs to the scene. */
const TALKS_ON_MS = 2000;
const CALLS_PER_SECOND = 100;

const WAITED = /had to be repeated \d+ times$/;

/** A `rehome local` with pods between two groups of phones, used by its commands alone. */
export class LocalFleet {
  readonly cluster: DemoCluster;
  readonly phones: DemoCalls;
  #deaths = 0;
  readonly #dead = new DeadPods();
  #led = '';

  private constructor(cluster: DemoCluster, phones: DemoCalls) {
    this.cluster = cluster;
    this.phones = phones;
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

  /** Waits until so many pods are ready and own tags, and nothing moves. */
  settled(replicas: number): Promise<DemoView> {
    return untilSettled(this.cluster, replicas, SETTLES_WITHIN_MS);
  }

  look(): Promise<DemoView> {
    return look(this.cluster);
  }

  rehome(...args: string[]): Promise<string> {
    return this.cluster.must(...args);
  }

  /** The pods that stay. */
  async pods(): Promise<Pod[]> {
    return stayingPods(await this.look());
  }

  async pod(name: string): Promise<Pod> {
    const found = (await this.pods()).find(({ metadata }) => metadata.name === name);
    if (found === undefined) throw new Error(`there is no pod ${name}`);
    return found;
  }

  /** Sets up calls through the pods that there are, in turn. */
  async hold(count: number, pods?: readonly Pod[]): Promise<TalkCall[]> {
    const through = (pods ?? (await this.pods())).map((pod) => podAt(pod, PUBLIC_PORT));
    return this.phones.place(count, { through, perSecond: CALLS_PER_SECOND });
  }

  /** The tags of a pod. */
  async tagsOf(pod: string): Promise<DialogShard[]> {
    return ownedBy(await this.look(), pod);
  }

  /** Waits until the ends of all calls were shown a pod that is none of these. */
  async untilAway(calls: readonly TalkCall[], pods: readonly Pod[]): Promise<void> {
    const old = addressesOf(pods);
    const left = (): TalkCall[] =>
      calls.filter((call) => TALK_ENDS.some((end) => old.has(call[end].farContact.split(':')[0] ?? '')));
    await until(() => left().length === 0, MOVED_WITHIN_MS, 'calls to be moved').catch((error: unknown) => {
      throw new Error(`${String(error)}; ${left().length} of ${calls.length} are left`, { cause: error });
    });
  }

  /** Calls of which both ends were shown one of these pods last. */
  at(calls: readonly TalkCall[], pods: readonly Pod[]): TalkCall[] {
    const addresses = addressesOf(pods);
    return calls.filter((call) => isAt(call, addresses));
  }

  /** A pod that carries these calls is about to be killed: what is sent to it is lost. */
  noteDeath(calls: readonly TalkCall[]): void {
    this.#deaths++;
    this.#dead.note(wallClockMs(), calls);
  }

  /**
   * All calls talk while something is done, and some seconds after; what went wrong in them, in words. A death is waited
   * for by whoever has asked for something then: how often it is repeated says how busy this machine is.
   */
  async faultsWhile(calls: readonly TalkCall[], act: () => Promise<void>): Promise<string[]> {
    const talk = new Talk(calls);
    const deathsBefore = this.#deaths;
    try {
      await act();
      await pause(TALKS_ON_MS);
    } finally {
      await talk.stop(LAST_ANSWERS_MS);
    }
    const ledger = new TalkLedger(talk, this.#dead.excuse);
    const silent = talk.calls.filter((call) =>
      TALK_ENDS.some((end) => talk.requests(call[end]).length === 0),
    );
    const faults = ledger.faults().filter((fault) => this.#deaths === deathsBefore || !WAITED.test(fault));
    return [...faults, ...silent.map(({ caller }) => `${caller.name} said nothing`)];
  }

  /** Holds every call from one end and hangs it up from the other; what went wrong, in words. */
  async useAll(calls: readonly TalkCall[]): Promise<string[]> {
    const faults: string[] = [];
    for (const [index, call] of calls.entries()) faults.push(...(await useCall(call, index % 2 === 0)));
    return faults;
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

function addressesOf(pods: readonly Pod[]): Set<string> {
  return new Set(pods.map((pod) => podAt(pod, PUBLIC_PORT).address));
}

function manifestOf(options: LocalFleetOptions, target: string): string {
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

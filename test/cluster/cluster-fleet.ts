import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeApi } from '../../src/kube/api.ts';
import { DIALOG_SHARDS, LEASES, PODS } from '../../src/kube/kinds.ts';
import type { RestClient } from '../../src/kube/rest-client.ts';
import { LocalMachine } from '../../src/local/cluster/local-machine.ts';
import { localNodes } from '../../src/local/cluster/local-nodes.ts';
import { DemoCalls } from '../../src/local/demo-calls.ts';
import type { ViewSource } from '../../src/local/demo-view.ts';
import { until } from '../../src/local/until.ts';
import { manifestOf, type LocalFleetOptions } from '../e2e/local/local-fleet.ts';
import { TalkingFleet } from '../e2e/local/talking-fleet.ts';
import { testNetwork } from '../e2e/network.ts';
import { ApiProxy } from './api-proxy.ts';
import { ApiServerProcess } from './api-server-process.ts';
import { HELM, KUBECTL, outputOf, runTool } from './chart-tools.ts';
import { Controllers } from './controllers.ts';
import { OperatorProcess } from './operator-process.ts';

export const SYSTEM = 'rehome-system';
export const NAMESPACE = 'default';
const RELEASE = 'rehome-operator';
const NARROW = `watchNamespace=${NAMESPACE},rbac.nodes=false`;
/** Hosts below those of pods. */
const FIRST_OPERATOR_HOST = 3;
const LED_WITHIN_MS = 60_000;
const LOG_TAIL = 3000;

/** What a fleet is, and how its operator. */
export interface ClusterFleetOptions extends LocalFleetOptions {
  /** It has rights in the namespace of the fleet alone, and none to nodes. */
  isNarrow?: boolean;
}

/**
 * A SipCluster on a real API server: its nodes are this machine, its operator a process with the chart's rights that reaches the
 * server through a proxy which can make trouble, and phones call through its pods.
 */
export class ClusterFleet extends TalkingFleet {
  readonly server: ApiServerProcess;
  readonly api: RestClient;
  readonly machine: LocalMachine;
  readonly proxy: ApiProxy;
  readonly network: number;
  readonly #controllers: Controllers;
  readonly #folder = mkdtempSync(join(tmpdir(), 'rehome-fleet-'));
  readonly #operators: OperatorProcess[] = [];
  readonly #options: ClusterFleetOptions;

  private constructor(
    server: ApiServerProcess,
    phones: DemoCalls,
    options: ClusterFleetOptions & { network: number },
  ) {
    const api = server.client();
    super(sourceOf(api), phones);
    this.server = server;
    this.api = api;
    this.network = options.network;
    this.#options = options;
    this.proxy = new ApiProxy(server.address);
    this.#controllers = new Controllers(api, NAMESPACE);
    this.machine = new LocalMachine({
      api,
      nodes: localNodes(options.nodes ?? 3, [], this.network),
      network: this.network,
      folder: join(this.#folder, 'pods'),
      processes: join(this.#folder, 'processes'),
      // The API is away at times.
      onFault: () => undefined,
    });
  }

  /** Starts all of it, with one operator, and waits until it is settled. */
  static async start(options: ClusterFleetOptions = {}): Promise<ClusterFleet> {
    const server = new ApiServerProcess();
    await server.start();
    const network = await testNetwork();
    const phones = await DemoCalls.open({ network });
    const fleet = new ClusterFleet(server, phones, { ...options, network });
    try {
      await fleet.#start();
      return fleet;
    } catch (error) {
      const logs = `${fleet.operatorLog().slice(-LOG_TAIL)}\n${fleet.#podLogs()}`;
      await fleet.stop();
      throw new Error(`${String(error)}\n${logs}`, { cause: error });
    }
  }

  kubectl(...args: string[]): Promise<string> {
    return this.kubectlWith('', ...args);
  }

  /** What kubectl says to a request that the operator's token is refused; rejects if it is not. */
  async refusal(...args: string[]): Promise<string> {
    const token = readFileSync(join(this.#folder, 'token'), 'utf8');
    const { code, stdout, stderr } = await runTool(KUBECTL, [`--token=${token}`, ...args], {
      env: this.#env,
    });
    if (code === 0) throw new Error(`kubectl ${args.join(' ')} was done: ${stdout}`);
    return stderr;
  }

  /** kubectl with some text on its standard input. */
  kubectlWith(input: string, ...args: string[]): Promise<string> {
    return outputOf(runTool(KUBECTL, args, { env: this.#env, input }));
  }

  /** Writes the SipCluster anew with other options and applies it. */
  apply(options: LocalFleetOptions): Promise<string> {
    return this.kubectlWith(manifestOf(options, this.phones.target), 'apply', '-f', '-');
  }

  /** Kills a pod's process as a crash would. */
  kill(uid: string): void {
    this.machine.kubelet.signal(uid, 'SIGKILL');
  }

  /** Starts an operator that takes its Lease in a namespace, through the proxy. */
  startOperator(namespace: string = SYSTEM): OperatorProcess {
    const number = this.#operators.length;
    const operator = new OperatorProcess({
      url: this.proxy.url,
      tokenFile: join(this.#folder, 'token'),
      namespace,
      watched: this.#options.isNarrow === true ? NAMESPACE : '',
      address: `127.0.${String(this.network)}.${String(FIRST_OPERATOR_HOST + number)}`,
      logFile: join(this.#folder, `operator-${String(number)}.log`),
    });
    this.#operators.push(operator);
    return operator;
  }

  /** The operator that was started last. */
  get operator(): OperatorProcess {
    const last = this.#operators.at(-1);
    if (last === undefined) throw new Error('there is no operator');
    return last;
  }

  operatorLog(): string {
    return this.#operators.map((each) => each.log()).join('\n');
  }

  /** Which leadership it is in a namespace; '' for none. */
  async leader(namespace: string = SYSTEM): Promise<string> {
    const { items } = await this.api.list(LEASES, { namespace });
    const [lease] = items;
    const { holderIdentity = '', leaseTransitions = 0, acquireTime = '' } = lease?.spec ?? {};
    return holderIdentity && `${holderIdentity} ${leaseTransitions} ${acquireTime}`;
  }

  /** Kills the operator, starts another, and waits until it leads. */
  async replaceOperator(): Promise<void> {
    const before = await this.leader();
    await this.operator.end('SIGKILL');
    this.startOperator();
    const isLed = async (): Promise<boolean> => ![before, ''].includes(await this.leader());
    await until(isLed, LED_WITHIN_MS, 'another operator to lead');
  }

  async stop(): Promise<void> {
    await Promise.all(this.#operators.map((each) => each.end('SIGKILL')));
    await this.#controllers.stop();
    await this.machine.stop();
    await this.phones.close();
    await this.proxy.close();
    this.api.close();
    await this.server.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** What a pod wrote so far. */
  podLog(uid = ''): string {
    const file = join(this.#folder, 'pods', uid, 'log');
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  /** The ends of what pods wrote. */
  #podLogs(): string {
    const pods = join(this.#folder, 'pods');
    const uids = existsSync(pods) ? readdirSync(pods) : [];
    return uids.map((uid) => this.podLog(uid).slice(-LOG_TAIL)).join('\n');
  }

  get #env(): Record<string, string> {
    return { KUBECONFIG: this.server.address.kubeconfig, HELM_CACHE_HOME: join(this.#folder, 'helm') };
  }

  async #start(): Promise<void> {
    await this.proxy.listen();
    const narrow = this.#options.isNarrow === true ? ['--set', NARROW] : [];
    const release = [
      'install',
      RELEASE,
      'helm/rehome-operator',
      '-n',
      SYSTEM,
      '--create-namespace',
      ...narrow,
    ];
    await outputOf(runTool(HELM, release, { env: this.#env }));
    const token = await this.kubectl('create', 'token', RELEASE, '-n', SYSTEM, '--duration', '2h');
    writeFileSync(join(this.#folder, 'token'), token.trim(), { mode: 0o600 });
    await this.machine.start();
    this.#controllers.start();
    this.startOperator();
    await this.apply(this.#options);
    await this.settled(this.#options.replicas ?? 3);
  }
}

function sourceOf(api: KubeApi): ViewSource {
  const selection = { namespace: NAMESPACE };
  return {
    pods: async () => {
      const { items } = await api.list(PODS, selection);
      return items.sort((one, other) =>
        one.metadata.name.localeCompare(other.metadata.name, 'en', { numeric: true }),
      );
    },
    shards: async () => (await api.list(DIALOG_SHARDS, selection)).items,
  };
}

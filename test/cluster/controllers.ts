import type { KubeObject } from '../../src/api/object-type.ts';
import { KubeError, type KubeApi, type ResourceKind } from '../../src/kube/api.ts';
import {
  CONFIG_MAPS,
  DIALOG_SHARDS,
  NETWORK_POLICIES,
  NODES,
  POD_DISRUPTION_BUDGETS,
  PODS,
  SECRETS,
  SERVICES,
  SIP_CLUSTERS,
} from '../../src/kube/kinds.ts';
import { budgetStatus } from '../../src/local/kubernetes/disruption.ts';
import { pause } from '../../src/local/until.ts';

const EVERY_MS = 300;
const NOT_READY = 'node.kubernetes.io/not-ready';

/** Owners and what they own. */
const COLLECTED: readonly ResourceKind[] = [
  SIP_CLUSTERS,
  DIALOG_SHARDS,
  PODS,
  CONFIG_MAPS,
  SECRETS,
  SERVICES,
  NETWORK_POLICIES,
  POD_DISRUPTION_BUDGETS,
];

/**
 * What the controller manager of a cluster does, as far as Rehome is touched by it: opens nodes that are ready, collects what has no owner
 * any more, and keeps the status of PodDisruptionBudgets. It polls, in one namespace.
 */
export class Controllers {
  readonly #api: KubeApi;
  readonly #namespace: string;
  #stopped = false;
  #ended: Promise<void> | undefined;

  constructor(api: KubeApi, namespace: string) {
    this.#api = api;
    this.#namespace = namespace;
  }

  start(): void {
    this.#ended = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#ended;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.#untaint();
        await this.#collect();
        await this.#countBudgets();
      } catch (error) {
        // The API may be away; what was not done is done in the next round.
        if (!(error instanceof KubeError)) throw error;
      }
      await pause(EVERY_MS);
    }
  }

  /** The API server taints each new node, and the node controller takes that back once it is ready. */
  async #untaint(): Promise<void> {
    const { items } = await this.#api.list(NODES, {});
    for (const { metadata, spec, status } of items) {
      const { taints = [] } = spec;
      const isReady = status?.conditions?.some((each) => each.type === 'Ready' && each.status === 'True');
      if (isReady !== true || !taints.some(({ key }) => key === NOT_READY)) continue;
      const value = taints.filter(({ key }) => key !== NOT_READY);
      const ref = { namespace: '', name: metadata.name };
      await this.#api.patch(NODES, ref, [{ op: 'replace', path: '/spec/taints', value }]);
    }
  }

  async #collect(): Promise<void> {
    const found: { kind: ResourceKind; object: KubeObject }[] = [];
    for (const kind of COLLECTED) for (const object of await this.#list(kind)) found.push({ kind, object });
    const living = new Set(found.map(({ object }) => object.metadata.uid));
    for (const { kind, object } of found) {
      const { ownerReferences = [], deletionTimestamp, name, uid = '' } = object.metadata;
      const isOrphan = ownerReferences.length > 0 && !ownerReferences.some((owner) => living.has(owner.uid));
      if (!isOrphan || deletionTimestamp !== undefined) continue;
      await this.#api.delete(kind, { namespace: this.#namespace, name }, { uid });
    }
  }

  async #countBudgets(): Promise<void> {
    const pods = await this.#list(PODS);
    for (const budget of await this.#list(POD_DISRUPTION_BUDGETS)) {
      const value = budgetStatus(budget, pods);
      const { disruptionsAllowed, currentHealthy, expectedPods, observedGeneration } = budget.status ?? {};
      const same =
        disruptionsAllowed === value.disruptionsAllowed &&
        currentHealthy === value.currentHealthy &&
        expectedPods === value.expectedPods &&
        observedGeneration === value.observedGeneration;
      if (same) continue;
      const ref = { namespace: this.#namespace, name: budget.metadata.name };
      const status = [{ op: 'add', path: '/status', value }] as const;
      await this.#api.patch(POD_DISRUPTION_BUDGETS, ref, status, { subresource: 'status' });
    }
  }

  async #list<T extends KubeObject>(kind: ResourceKind<T>): Promise<T[]> {
    return (await this.#api.list(kind, { namespace: this.#namespace })).items;
  }
}

import { parseDialogShardSpec } from '../../../src/api/dialog-shard.ts';
import type { DialogShardStatus } from '../../../src/api/dialog-shard-type.ts';
import type { KubeObject, ObjectMeta } from '../../../src/api/object-type.ts';
import type { SipClusterStatus } from '../../../src/api/sip-cluster-type.ts';
import { parseSipClusterSpec } from '../../../src/api/sip-cluster.ts';
import type { ObservedCluster, ObservedNode, ObservedShard } from '../../../src/reconcile/observed.ts';
import type { Step } from '../../../src/reconcile/plan-type.ts';

/** Virtual times are added to this where Kubernetes wants wall clock. */
export const EPOCH_MS = 1_800_000_000_000;

export type StepOf<T extends Step['type']> = Extract<Step, { type: T }>;

const EMPTY: SipClusterStatus = {
  ...{ observedGeneration: 0, phase: 'Pending', replicas: 0, selector: '', readyReplicas: 0 },
  ...{ dialogs: 0, shards: 0, pods: [], conditions: [] },
};

export function rfc3339(virtualMs: number): string {
  return new Date(EPOCH_MS + virtualMs).toISOString();
}

/** The objects of one cluster as the API server has them. Parts are replaced, never changed, so that a reader may keep them. */
export class SimObjects {
  written: Record<string, unknown>;
  generation = 1;
  annotations: Record<string, string> = {};
  status: SipClusterStatus | undefined;
  shards: { metadata: ObjectMeta; written: unknown; status: DialogShardStatus | undefined }[] = [];
  configMap: { data: Record<string, string> } | undefined;
  keys: NonNullable<ObservedCluster['keys']> = {};
  objects: KubeObject[] = [];
  budget: { minAvailable: number } | undefined;
  readonly nodes: readonly ObservedNode[];
  /** The operator's leader election. */
  lease: { holder: string; renewedAtMs: number; transitions: number } = {
    holder: '',
    renewedAtMs: -Infinity,
    transitions: 0,
  };
  /** The operator's memory as a voter; the version changes with each write. */
  vote: { bytes: Uint8Array | undefined; version: number } = { bytes: undefined, version: 0 };

  constructor(written: Record<string, unknown>, nodes: readonly string[]) {
    this.written = { replicas: 3, shards: 5, listeners: [{ name: 'public', port: 5060 }], ...written };
    this.nodes = nodes.map((name) => ({
      metadata: { name },
      unschedulable: false,
      taints: [],
      ready: true,
    }));
  }

  change(written: Record<string, unknown>): void {
    this.written = { ...this.written, ...written };
    this.generation++;
  }

  cluster(): ObservedCluster {
    const parsed = parseSipClusterSpec(this.written);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    const { accepted } = this.status ?? {};
    const last = accepted && parseSipClusterSpec(accepted.spec);
    return {
      metadata: {
        ...{ name: 'edge', namespace: 'default', uid: 'cluster-uid', generation: this.generation },
        annotations: this.annotations,
      },
      spec: parsed.value,
      problems: [],
      written: this.written,
      accepted: accepted && last?.ok ? { generation: accepted.generation, spec: last.value } : undefined,
      status: this.status,
      ...{ configMap: this.configMap, keys: this.keys, objects: this.objects, disruptionBudget: this.budget },
    };
  }

  observedShards(): ObservedShard[] {
    return this.shards.map(({ metadata, written, status }) => {
      const parsed = parseDialogShardSpec(written);
      return { metadata, status, spec: parsed.ok ? parsed.value : undefined, problems: [] };
    });
  }

  /** Compare-and-swap: false if somebody else was faster. */
  storeRoster({ status, previousNumber }: StepOf<'storeRoster'>): boolean {
    if (previousNumber !== (this.status?.roster?.number ?? 0)) return false;
    this.status = { ...(this.status ?? EMPTY), roster: status };
    return true;
  }

  storeClusterStatus({ status }: StepOf<'clusterStatus'>): void {
    const { roster } = this.status ?? {};
    this.status = { ...status, ...(roster && { roster }) };
  }

  storeShardStatus({ name, status }: StepOf<'shardStatus'>): void {
    this.shards = this.shards.map((shard) =>
      shard.metadata.name === name ? { ...shard, status: { ...status } } : shard,
    );
  }

  createShard({ object }: StepOf<'createShard'>, nowMs: number): void {
    const { name } = object.metadata;
    if (this.shards.some(({ metadata }) => metadata.name === name)) return;
    const metadata = { creationTimestamp: rfc3339(nowMs), uid: `uid-${name}`, ...object.metadata };
    const written = (object as unknown as { spec: unknown }).spec;
    this.shards = [...this.shards, { metadata, written, status: undefined }];
  }

  apply({ object }: StepOf<'applyObject'>): void {
    if (object.kind === 'ConfigMap')
      this.configMap = { data: (object as unknown as { data: Record<string, string> }).data };
    else if (object.kind === 'PodDisruptionBudget')
      this.budget = (object as unknown as { spec: { minAvailable: number } }).spec;
    else
      this.objects = [...this.objects.filter(({ metadata }) => metadata.uid !== uidOf(object)), made(object)];
  }
}

function uidOf({ kind, metadata }: KubeObject): string {
  return `${kind}-${metadata.name}`;
}

function made(object: KubeObject): KubeObject {
  return { ...object, metadata: { ...object.metadata, uid: uidOf(object) } };
}

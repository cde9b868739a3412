import type { KubeObject } from '../../api/object-type.ts';
import type { ResourceKind } from '../../kube/api.ts';
import type { Column } from './columns.ts';
import { NODE_COLUMNS } from './node-columns.ts';
import {
  BUDGET_COLUMNS,
  CONFIG_MAP_COLUMNS,
  EVENT_COLUMNS,
  LEASE_COLUMNS,
  PLAIN_COLUMNS,
  SECRET_COLUMNS,
} from './other-columns.ts';
import { POD_COLUMNS } from './pod-columns.ts';
import { DIALOG_SHARD_COLUMNS, SIP_CLUSTER_COLUMNS } from './rehome-columns.ts';

const GAP = 3;

const COLUMNS: Readonly<Record<string, readonly Column<never>[]>> = {
  SipCluster: SIP_CLUSTER_COLUMNS,
  DialogShard: DIALOG_SHARD_COLUMNS,
  Pod: POD_COLUMNS,
  Node: NODE_COLUMNS,
  Event: EVENT_COLUMNS,
  Lease: LEASE_COLUMNS,
  ConfigMap: CONFIG_MAP_COLUMNS,
  Secret: SECRET_COLUMNS,
  PodDisruptionBudget: BUDGET_COLUMNS,
};

const NAMESPACE: Column = { header: 'NAMESPACE', cell: ({ metadata }) => metadata.namespace ?? '' };

/** Which columns. */
export interface TableOptions {
  wide: boolean;
  /** A first column with the namespace. */
  withNamespace: boolean;
}

/** Objects of a kind as kubectl prints them; columns keep their width from one piece of the table to the next. */
export class ResourceTable {
  readonly #columns: readonly Column[];
  readonly #widths: number[];
  #hasHeader = false;

  constructor(kind: ResourceKind, { wide, withNamespace }: TableOptions) {
    const own = COLUMNS[kind.kind] ?? PLAIN_COLUMNS;
    const shown = own.filter((column) => wide || column.wide !== true);
    this.#columns = withNamespace && kind.namespaced ? [NAMESPACE, ...shown] : shown;
    this.#widths = this.#columns.map(() => 0);
  }

  /** Lines for these objects, the first time under a header. `nowMs` is the wall clock. */
  rows(objects: readonly KubeObject[], nowMs: number): string {
    const cells = objects.map((object) => this.#columns.map((column) => column.cell(object, nowMs)));
    if (!this.#hasHeader) cells.unshift(this.#columns.map(({ header }) => header));
    this.#hasHeader = true;
    for (const row of cells) {
      for (const [index, cell] of row.entries())
        this.#widths[index] = Math.max(this.#widths[index] ?? 0, cell.length);
    }
    return cells.map((row) => this.#line(row)).join('');
  }

  #line(row: readonly string[]): string {
    const padded = row.map((cell, index) => cell.padEnd((this.#widths[index] ?? 0) + GAP));
    return `${padded.join('').trimEnd()}\n`;
  }
}

import type { KubeObject } from '../../api/object-type.ts';

/** A column of `rehome get`. */
export interface Column<T extends KubeObject = KubeObject> {
  header: string;
  /** Shown with -o wide only. */
  wide?: boolean;
  /** `nowMs` is the wall clock. */
  cell(object: T, nowMs: number): string;
}

/** What stands in a cell that has no value. */
export const NONE = '<none>';

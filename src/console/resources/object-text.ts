import { stringify } from 'yaml';
import type { KubeObject } from '../../api/object-type.ts';

/** How whole objects are written. */
export type ObjectFormat = 'yaml' | 'json';

/** Objects as a document: one alone as it is, several as a List. */
export function objectText(objects: readonly KubeObject[], format: ObjectFormat, alone: boolean): string {
  const [first, ...others] = objects.map(inOrder);
  const all = first === undefined ? [] : [first, ...others];
  const whole = alone && first !== undefined ? first : { apiVersion: 'v1', kind: 'List', items: all };
  return format === 'yaml' ? stringify(whole) : `${JSON.stringify(whole, undefined, 4)}\n`;
}

/** Fields in the order in which people write them. */
function inOrder({ apiVersion, kind, metadata, ...rest }: KubeObject): KubeObject {
  return { apiVersion, kind, metadata, ...rest };
}

import type { ControlState } from '../api/control.ts';

const FNV_PRIME = 0x01000193;
const FNV_BASIS = 0x811c9dc5;
const OTHER_BASIS = 0x2f0b4a17;
const HEX = 16;
const HEX_DIGITS = 8;
/** In the tests' sandbox each look at a global costs more than the multiplication. */
const { imul } = Math;

/** 16 hex digits that are the same for values that are equal whatever the order of their keys; no protection against forgery. */
export function digest(value: unknown): string {
  const text = canonicalText(value);
  return [FNV_BASIS, OTHER_BASIS].map((basis) => fnv(text, basis)).join('');
}

/** What `ObservedPod.sentState` holds of a state that a pod acknowledged. */
export function stateDigest(state: Omit<ControlState, 'term' | 'generation'>): string {
  return digest(state);
}

/** JSON with sorted keys, and without those that are undefined. */
export function canonicalText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  if (typeof value !== 'object' || value === null)
    return value === undefined ? 'null' : JSON.stringify(value);
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, field]) => `${JSON.stringify(key)}:${canonicalText(field)}`);
  return `{${fields.join(',')}}`;
}

/** 32-bit FNV-1a over UTF-16 code units. */
function fnv(text: string, basis: number): string {
  let hash = basis;
  for (let index = 0; index < text.length; index++)
    hash = imul(hash ^ text.charCodeAt(index), FNV_PRIME) >>> 0;
  return hash.toString(HEX).padStart(HEX_DIGITS, '0');
}

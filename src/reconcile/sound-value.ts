import { MOST_EPOCH } from '../api/epoch.ts';

/** Makes a value of a type out of anything: what is missing or of another type becomes empty. */
export type Sound<T> = (value: unknown) => T;

export const text: Sound<string> = (value) => (typeof value === 'string' ? value : '');
export const flag: Sound<boolean> = (value) => value === true;
/** A finite number from 0 on. */
export const count: Sound<number> = (value) =>
  typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0;
/** An epoch, or the number of a roster; what is above the last one was written by nobody who knows them. */
export const epochNumber: Sound<number> = (value) => (count(value) <= MOST_EPOCH ? count(value) : 0);
export const anything: Sound<unknown> = (value) => value;

/** One of the words; the first if it is none of them. */
export function word<T extends string>(first: T, ...others: readonly T[]): Sound<T> {
  return (value) => others.find((other) => other === value) ?? first;
}

/** The items of a list that are objects, each made sound. */
export function listOf<T>(item: Sound<T>): Sound<T[]> {
  return (value) => (Array.isArray(value) ? value.filter(isObject).map(item) : []);
}

/** The texts of a list. */
export const texts: Sound<string[]> = (value) =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];

/** The numbers of a map from text that are as they should be. */
function numbers(sound: Sound<number>): Sound<Record<string, number>> {
  return (value) => {
    const entries = isObject(value) ? Object.entries(value) : [];
    return Object.fromEntries(
      entries.filter(([, each]) => sound(each) === each).map(([key, each]) => [key, sound(each)]),
    );
  };
}

export const counts: Sound<Record<string, number>> = numbers(count);
export const epochs: Sound<Record<string, number>> = numbers(epochNumber);

/** Undefined stays undefined, and so does what is not of the type at all. */
export function optional<T>(sound: Sound<T>, isOfType: (value: unknown) => boolean): Sound<T | undefined> {
  return (value) => (isOfType(value) ? sound(value) : undefined);
}

export const optionalText: Sound<string | undefined> = optional(text, (value) => typeof value === 'string');
export const optionalFlag: Sound<boolean | undefined> = optional(flag, (value) => value === true);
export const optionalCount: Sound<number | undefined> = optional(count, (value) => count(value) === value);

/** An object with those fields; fields that are undefined are left out. */
export function fields<T extends object>(sounds: {
  [K in keyof T]-?: Sound<T[K] | (undefined extends T[K] ? undefined : never)>;
}): Sound<T> {
  const entries = Object.entries<Sound<unknown>>(sounds);
  return (value) => {
    const given = isObject(value) ? value : {};
    const made = entries.map(([key, sound]): [string, unknown] => [key, sound(given[key])]);
    return Object.fromEntries(made.filter(([, field]) => field !== undefined)) as T;
  };
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import { didYouMean } from './did-you-mean.ts';
import type { Problem, ProblemCode } from './problem.ts';

/** Most entries of a list or a record that people write; the API server must know a bound to reckon what rules cost. */
export const MOST_ENTRIES = 64;

/** What is known of a `T` while its document may still have problems. */
export type Draft<T> = T extends readonly (infer Item)[]
  ? readonly (Draft<Item> | undefined)[]
  : T extends object
    ? { readonly [K in keyof T]?: Draft<T[K]> | undefined }
    : T;

/** The subset of JSON Schema (2020-12) that settings need. */
export interface JsonSchema {
  type?: string | string[];
  description?: string;
  default?: unknown;
  enum?: readonly string[];
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  /** In characters, not in bytes. */
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  maxProperties?: number;
  items?: JsonSchema;
  oneOf?: JsonSchema[];
  /** Rules in CEL, for what JSON Schema cannot say. */
  'x-kubernetes-validations'?: ValidationRule[];
  /** A whole number or a text, as Kubernetes' IntOrString. */
  'x-kubernetes-int-or-string'?: true;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
}

/** A rule in CEL, with the sentence that whoever breaks it is told. */
export interface ValidationRule {
  rule: string;
  message: string;
  /** The field that is named to whoever breaks it, from that of the rule on; that itself if left out. */
  fieldPath?: string;
  /** The rule holds for new objects too; `oldSelf` is an optional then. */
  optionalOldSelf?: true;
}

/** Where reading stands: the path of the value at hand, and all problems so far. */
export class Place {
  readonly path: string;
  readonly problems: Problem[];
  /** Keys that no schema names are no problem: they may be a newer version's. */
  readonly newerWelcome: boolean;

  constructor(path = '', problems: Problem[] = [], newerWelcome = false) {
    this.path = path;
    this.problems = problems;
    this.newerWelcome = newerWelcome;
  }

  key(name: string): Place {
    return this.#at(this.path === '' ? name : `${this.path}.${name}`);
  }

  index(position: number): Place {
    return this.#at(`${this.path}[${position}]`);
  }

  /** Whether something is known to be wrong here or below. */
  hasProblem(): boolean {
    return this.problems.some(
      ({ path }) =>
        path === this.path || path.startsWith(`${this.path}.`) || path.startsWith(`${this.path}[`),
    );
  }

  problem(code: ProblemCode, message: string): void {
    this.problems.push({ path: this.path, code, message });
  }

  #at(path: string): Place {
    return new Place(path, this.problems, this.newerWelcome);
  }
}

/** How one value of a document is read and described. */
export interface Schema<T> {
  readonly json: JsonSchema;
  /** Members of an object, or of the objects in a list: what a reference table walks through. */
  readonly members?: readonly Member[];
  /** Never throws; what cannot be read is a problem at `place` and absent from the draft. */
  read(value: unknown, place: Place): Draft<T> | undefined;
}

/** A setting inside an object. */
export interface Field<T> {
  schema: Schema<Exclude<T, undefined>>;
  /** One sentence for the reference. */
  doc: string;
  /** Name in the document, where it differs from the name in the program. */
  key?: string;
  /** Default, written as in the document. */
  fallback?: unknown;
  /** May be left out without a default. */
  optional?: true;
}

/** The fields of an object, by their names in the program. */
export type Fields<T> = { readonly [K in keyof T]-?: Field<T[K]> };

/** A member of a described object: its name in the document and what is said of it. */
export interface Member {
  key: string;
  name: string;
  field: Field<unknown>;
}

/** Why a single value cannot be read. */
export class Refusal {
  readonly code: ProblemCode;
  readonly message: string;

  constructor(code: ProblemCode, message: string) {
    this.code = code;
    this.message = message;
  }
}

/** A value that is read as a whole: `cut` returns it or says why not. */
export function value<T>(json: JsonSchema, cut: (given: unknown) => T | Refusal): Schema<T> {
  return {
    json,
    read(given, place): Draft<T> | undefined {
      const result = cut(given);
      if (!(result instanceof Refusal)) return result as Draft<T>;
      place.problem(result.code, result.message);
      return undefined;
    },
  };
}

/** An object with exactly these settings. */
export function object<T extends object>(fields: Fields<T>): Schema<T> {
  const members = Object.entries<Field<unknown>>(fields as Readonly<Record<string, Field<unknown>>>).map(
    ([name, field]): Member => ({ key: field.key ?? name, name, field }),
  );
  return {
    json: objectJson(members),
    members,
    read(given, place): Draft<T> | undefined {
      if (!isPlainObject(given)) {
        place.problem('CONFIG_TYPE', `must be an object, is ${typeName(given)}`);
        return undefined;
      }
      reportUnknownKeys(
        given,
        members.map(({ key }) => key),
        place,
      );
      const draft: Record<string, unknown> = {};
      for (const { key, name, field } of members) {
        const read = readField(field, given[key], place.key(key));
        if (read !== undefined) draft[name] = read;
      }
      return draft as Draft<T>;
    },
  };
}

function readField(field: Field<unknown>, given: unknown, place: Place): unknown {
  // An empty YAML value is null: the setting was left out.
  const written = given ?? field.fallback;
  if (written !== undefined) return field.schema.read(written, place);
  if (field.optional !== true) place.problem('CONFIG_REQUIRED', `is missing: ${field.doc}`);
  return undefined;
}

function reportUnknownKeys(given: Record<string, unknown>, keys: readonly string[], place: Place): void {
  if (place.newerWelcome) return;
  for (const key of Object.keys(given)) {
    if (keys.includes(key)) continue;
    const near = didYouMean(key, keys);
    const advice = near === undefined ? `known are ${keys.join(', ')}` : `did you mean ${near}?`;
    place.key(key).problem('CONFIG_UNKNOWN_KEY', `unknown setting: ${advice}`);
  }
}

function objectJson(members: readonly Member[]): JsonSchema {
  const properties: Record<string, JsonSchema> = {};
  const required: string[] = [];
  for (const { key, field } of members) {
    const fallback = field.fallback === undefined ? {} : { default: field.fallback };
    properties[key] = { description: field.doc, ...field.schema.json, ...fallback };
    if (field.fallback === undefined && field.optional !== true) required.push(key);
  }
  return {
    type: 'object',
    properties,
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  };
}

/** A list of items of one kind. */
export function list<T>(item: Schema<T>, minItems = 0, maxItems?: number): Schema<readonly T[]> {
  const bounds = { ...(minItems > 0 && { minItems }), ...(maxItems !== undefined && { maxItems }) };
  return {
    json: { type: 'array', items: item.json, ...bounds },
    ...(item.members && { members: item.members }),
    read(given, place): Draft<readonly T[]> | undefined {
      if (!Array.isArray(given)) {
        place.problem('CONFIG_TYPE', `must be a list, is ${typeName(given)}`);
        return undefined;
      }
      if (given.length < minItems) place.problem('CONFIG_VALUE', `must have at least ${minItems} entries`);
      if (maxItems !== undefined && given.length > maxItems) {
        place.problem('CONFIG_VALUE', `must have at most ${maxItems} entries`);
        return undefined;
      }
      return given.map((entry: unknown, position) => item.read(entry, place.index(position)));
    },
  };
}

/** What a record may have as a whole. */
export interface RecordBounds {
  maxProperties?: number;
  rules?: ValidationRule[];
}

/** An object from names of the user's choice to values of one kind; its parser does not know the rules. */
export function record<T>(
  item: Schema<T>,
  { maxProperties, rules }: RecordBounds = {},
): Schema<Readonly<Record<string, T>>> {
  const bounds = {
    ...(maxProperties !== undefined && { maxProperties }),
    ...(rules !== undefined && { 'x-kubernetes-validations': rules }),
  };
  return {
    json: { type: 'object', additionalProperties: item.json, ...bounds },
    read(given, place): Draft<Readonly<Record<string, T>>> | undefined {
      if (!isPlainObject(given)) {
        place.problem('CONFIG_TYPE', `must be an object, is ${typeName(given)}`);
        return undefined;
      }
      if (maxProperties !== undefined && Object.keys(given).length > maxProperties) {
        place.problem('CONFIG_VALUE', `must have at most ${maxProperties} entries`);
        return undefined;
      }
      const entries = Object.entries(given).map(([key, entry]) => [key, item.read(entry, place.key(key))]);
      return Object.fromEntries(entries) as Draft<Readonly<Record<string, T>>>;
    },
  };
}

/** Whether this is an object with keys, not a list and not null. */
export function isPlainObject(given: unknown): given is Record<string, unknown> {
  return typeof given === 'object' && given !== null && !Array.isArray(given);
}

/** The type of a value in the words of a document's writer. */
export function typeName(given: unknown): string {
  if (given === null || given === undefined) return 'empty';
  if (Array.isArray(given)) return 'a list';
  return typeof given === 'object' ? 'an object' : `a ${typeof given}`;
}

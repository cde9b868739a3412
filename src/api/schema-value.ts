import { ipFamily, isHost, isNetwork, parseHostPort } from './address.ts';
import type { HostPort } from './address.ts';
import { didYouMean } from './did-you-mean.ts';
import { parseDuration } from './duration.ts';
import { typeName } from './schema.ts';
import type { JsonSchema, Place, Schema } from './schema.ts';

/** A text that `cut` understands; `expected` completes "must be …". */
export function textAs<T extends string | number | object>(
  expected: string,
  cut: (text: string) => T | undefined,
  json: JsonSchema = {},
): Schema<T> {
  return {
    json: { type: 'string', ...json },
    read(value, place): ReturnType<Schema<T>['read']> {
      if (typeof value !== 'string') return place.problem('CONFIG_TYPE', `must be ${expected}, is ${typeName(value)}`);
      const read = cut(value);
      if (read === undefined) return place.problem('CONFIG_VALUE', `must be ${expected}, is ${JSON.stringify(value)}`);
      return read as ReturnType<Schema<T>['read']>;
    },
  };
}

const keepIf =
  (accept: (text: string) => boolean) =>
  (text: string): string | undefined =>
    accept(text) ? text : undefined;

/** A text of one line, not empty. */
export const line: Schema<string> = textAs(
  'a text of one line',
  keepIf((text) => /^[^\r\n]+$/.test(text)),
  { minLength: 1 },
);

const NAME = '^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$';
const NAME_PATTERN = new RegExp(NAME);

/** A name: letters, digits, dots, dashes and underscores, at most 63. */
export const name: Schema<string> = textAs(
  'a name of letters, digits, ".", "-" and "_"',
  keepIf((text) => NAME_PATTERN.test(text)),
  { pattern: NAME },
);

/** A shared secret; short ones are refused, since probes show everyone on the path what they were signed with. */
export const secret: Schema<string> = {
  json: { type: 'string', minLength: 16 },
  read(value, place): string | undefined {
    if (typeof value !== 'string') return place.problem('CONFIG_TYPE', `must be a text, is ${typeName(value)}`);
    return value.length >= 16 ? value : place.problem('CONFIG_VALUE', 'must have at least 16 characters');
  },
};

/** A literal IPv4 or IPv6 address. */
export const ipAddress: Schema<string> = textAs(
  'an IPv4 or IPv6 address',
  keepIf((text) => ipFamily(text) !== 0),
);

/** A literal address or a DNS name. */
export const host: Schema<string> = textAs('an address or a host name', keepIf(isHost));

/** An address or a network in CIDR notation. */
export const network: Schema<string> = textAs('a network such as 10.0.0.0/8', keepIf(isNetwork));

/** `host:port`. */
export const hostPort: Schema<HostPort> = textAs('host:port', (text) => parseHostPort(text));

/** A duration in milliseconds, written as `500ms` or `1s`. */
export const duration: Schema<number> = textAs('a duration such as 500ms, 1s or 2m', parseDuration, {
  pattern: '^\\d+(\\.\\d+)?(ms|s|m|h)$',
});

/** One of these words. */
export function choice<const T extends string>(words: readonly T[]): Schema<T> {
  return {
    json: { enum: words },
    read(value, place): T | undefined {
      const word = words.find((candidate) => candidate === value);
      return word ?? refuseWord(value, words, place);
    },
  };
}

function refuseWord(value: unknown, words: readonly string[], place: Place): undefined {
  if (typeof value !== 'string') return place.problem('CONFIG_TYPE', `must be one of ${words.join(', ')}, is ${typeName(value)}`);
  const near = didYouMean(value, words);
  const advice = near === undefined ? '' : `; did you mean ${near}?`;
  return place.problem('CONFIG_VALUE', `must be one of ${words.join(', ')}, is ${JSON.stringify(value)}${advice}`);
}

/** true or false. */
export const flag: Schema<boolean> = {
  json: { type: 'boolean' },
  read(value, place): boolean | undefined {
    return typeof value === 'boolean' ? value : place.problem('CONFIG_TYPE', `must be true or false, is ${typeName(value)}`);
  },
};

/** A whole number within bounds, both included. */
export function integer(minimum: number, maximum: number): Schema<number> {
  return {
    json: { type: 'integer', minimum, maximum },
    read(value, place): number | undefined {
      if (typeof value !== 'number') return place.problem('CONFIG_TYPE', `must be a number, is ${typeName(value)}`);
      const fits = Number.isInteger(value) && value >= minimum && value <= maximum;
      return fits ? value : place.problem('CONFIG_VALUE', `must be a whole number from ${minimum} to ${maximum}, is ${value}`);
    },
  };
}

/** A TCP or UDP port. */
export const port: Schema<number> = integer(1, 65535);

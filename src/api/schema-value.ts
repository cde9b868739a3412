import { ipFamily, isHost, isNetwork, parseHostPort } from './address.ts';
import type { HostPort } from './address.ts';
import { didYouMean } from './did-you-mean.ts';
import { DURATION, formatDuration, parseDuration } from './duration.ts';
import { Refusal, typeName, value } from './schema.ts';
import type { JsonSchema, Schema } from './schema.ts';

/** A text that `cut` understands; `expected` completes "must be …". */
export function textAs<T>(
  expected: string,
  cut: (text: string) => T | Refusal | undefined,
  json: JsonSchema = {},
): Schema<T> {
  return value({ type: 'string', ...json }, (given) => {
    if (typeof given !== 'string') return wrongType(expected, given);
    if (isTooLong(given, json))
      return new Refusal('CONFIG_VALUE', `must have at most ${json.maxLength} characters`);
    return cut(given) ?? new Refusal('CONFIG_VALUE', `must be ${expected}, is ${JSON.stringify(given)}`);
  });
}

function isTooLong(text: string, { maxLength }: JsonSchema): boolean {
  // The API server counts characters, not the units of UTF-16.
  return maxLength !== undefined && text.length > maxLength && Array.from(text).length > maxLength;
}

function wrongType(expected: string, given: unknown): Refusal {
  return new Refusal('CONFIG_TYPE', `must be ${expected}, is ${typeName(given)}`);
}

const keepIf =
  (accept: (text: string) => boolean) =>
  (text: string): string | undefined =>
    accept(text) ? text : undefined;

const LONGEST_LINE = 1024;
const LINE = '^[^\\r\\n]+$';
const LINE_PATTERN = new RegExp(LINE);

/** A text of one line, not empty. */
export const line: Schema<string> = textAs(
  'a text of one line',
  keepIf((text) => LINE_PATTERN.test(text)),
  { minLength: 1, maxLength: LONGEST_LINE, pattern: LINE },
);

/** A text of one line, or an empty one. */
export const anyLine: Schema<string> = textAs(
  'a text of one line',
  keepIf((text) => /^[^\r\n]*$/.test(text)),
);

const NAME = '^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$';
const NAME_PATTERN = new RegExp(NAME);

/** A name: letters, digits, dots, dashes and underscores, at most 63. */
export const name: Schema<string> = textAs(
  'a name of letters, digits, ".", "-" and "_"',
  keepIf((text) => NAME_PATTERN.test(text)),
  { pattern: NAME, maxLength: 63 },
);

/** Any text, of several lines too. */
export const anyText: Schema<string> = textAs('a text', (text) => text);

const LABEL = '^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$';
const LABEL_PATTERN = new RegExp(LABEL);

/** The value of a Kubernetes label: a name, or nothing. */
export const labelValue: Schema<string> = textAs(
  'a name of letters, digits, ".", "-" and "_", or empty',
  keepIf((text) => LABEL_PATTERN.test(text)),
  { pattern: LABEL, maxLength: 63 },
);

const KEY = '^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$';
const KEY_PATTERN = new RegExp(KEY);

/** The key of a Kubernetes label or annotation: a name, perhaps with a domain and a slash before it. */
export const metadataKey: Schema<string> = textAs(
  'a name, perhaps with a domain and "/" before it',
  keepIf((text) => KEY_PATTERN.test(text)),
  { pattern: KEY, maxLength: 317 },
);

/** RFC 1123 §2.1: labels with dots between them. */
const OBJECT_NAME = '^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$';
const OBJECT_NAME_PATTERN = new RegExp(OBJECT_NAME);

/** The name of a Kubernetes object: small letters, digits, dots and dashes. */
export const objectName: Schema<string> = textAs(
  'the name of a Kubernetes object: small letters, digits, "." and "-"',
  keepIf((text) => OBJECT_NAME_PATTERN.test(text)),
  { pattern: OBJECT_NAME, maxLength: 253 },
);

const SECRET_LENGTH = 16;

/** A shared secret; short ones are refused, since probes show everyone on the path what they were signed with. */
export const secret: Schema<string> = value({ type: 'string', minLength: SECRET_LENGTH }, (given) => {
  if (typeof given !== 'string') return wrongType('a text', given);
  if (given.length >= SECRET_LENGTH) return given;
  return new Refusal('CONFIG_VALUE', `must have at least ${SECRET_LENGTH} characters`);
});

/** A literal IPv4 or IPv6 address. */
export const ipAddress: Schema<string> = textAs(
  'an IPv4 or IPv6 address',
  keepIf((text) => ipFamily(text) !== 0),
);

/** A literal address or a DNS name. */
export const host: Schema<string> = textAs('an address or a host name', keepIf(isHost));

/** An address or a network in CIDR notation. */
export const network: Schema<string> = textAs('a network such as 10.0.0.0/8', keepIf(isNetwork), {
  pattern: '^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$',
  maxLength: 49,
});

/** A network in CIDR notation. */
export const cidr: Schema<string> = textAs(
  'a network in CIDR notation, such as 10.0.0.0/8',
  keepIf((text) => text.includes('/') && isNetwork(text)),
  { pattern: '^[0-9A-Fa-f:.]+/[0-9]{1,3}$', maxLength: 49 },
);

/** `host:port`. */
export const hostPort: Schema<HostPort> = textAs('host:port', (text) => parseHostPort(text));

const LONGEST_DURATION = 16;

/** A duration within bounds, both included, in milliseconds; written as `500ms` or `1s`. */
export function duration(minimumMs: number, maximumMs: number): Schema<number> {
  const [least, most] = [formatDuration(minimumMs), formatDuration(maximumMs)];
  const rule = `duration(self) >= duration('${least}') && duration(self) <= duration('${most}')`;
  return textAs(
    'a duration such as 500ms, 1s or 2m',
    (text) => {
      const ms = parseDuration(text);
      if (ms === undefined || (ms >= minimumMs && ms <= maximumMs)) return ms;
      return new Refusal('CONFIG_VALUE', `must be a duration from ${least} to ${most}, is ${text}`);
    },
    {
      pattern: DURATION,
      maxLength: LONGEST_DURATION,
      'x-kubernetes-validations': [{ rule, message: `must be a duration from ${least} to ${most}` }],
    },
  );
}

/** One of these words. */
export function choice<const T extends string>(words: readonly T[]): Schema<T> {
  return value({ enum: words }, (given) => {
    return words.find((candidate) => candidate === given) ?? refuseWord(given, words);
  });
}

function refuseWord(given: unknown, words: readonly string[]): Refusal {
  const expected = `one of ${words.join(', ')}`;
  if (typeof given !== 'string') return wrongType(expected, given);
  const near = didYouMean(given, words);
  const advice = near === undefined ? '' : `; did you mean ${near}?`;
  return new Refusal('CONFIG_VALUE', `must be ${expected}, is ${JSON.stringify(given)}${advice}`);
}

/** true or false. */
export const flag: Schema<boolean> = value({ type: 'boolean' }, (given) =>
  typeof given === 'boolean' ? given : wrongType('true or false', given),
);

/** A whole number within bounds, both included. */
export function integer(minimum: number, maximum: number): Schema<number> {
  return value({ type: 'integer', minimum, maximum }, (given) => {
    if (typeof given !== 'number') return wrongType('a number', given);
    if (Number.isInteger(given) && given >= minimum && given <= maximum) return given;
    return new Refusal(
      'CONFIG_VALUE',
      `must be a whole number from ${minimum} to ${maximum}, is ${String(given)}`,
    );
  });
}

/** A TCP or UDP port. */
export const port: Schema<number> = integer(1, 65535);

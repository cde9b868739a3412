import { ipFamily } from './address.ts';
import { didYouMean } from './did-you-mean.ts';
import { isPlainObject, Place } from './schema.ts';
import type { Problem } from './problem.ts';

const NAMES = ['POD_NAME', 'POD_UID', 'POD_IP', 'HOST_IP', 'NODE_NAME', 'ZONE', 'PORT_OFFSET'];

/** Begins the names of the addresses that listeners advertise. */
const ADVERTISE_PREFIX = 'ADVERTISE_';

/** Environment variable with the annotation's value that a listener advertises. */
export function advertisedName(listener: string): string {
  return `${ADVERTISE_PREFIX}${listener.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`;
}

/** What a config file may use as `$(NAME)`: of a process's environment, what a pod's manifest sets; nothing that may be a secret. */
export function podEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const used: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment))
    if (value !== undefined && (NAMES.includes(name) || name.startsWith(ADVERTISE_PREFIX)))
      used[name] = value;
  return used;
}

// As in the commands of Kubernetes: `$$(NAME)` stands for the text `$(NAME)`.
const REFERENCE = /\$?\$\(([A-Za-z_][A-Za-z0-9_]*)\)/g;

/** The document with every `$(NAME)` in its texts replaced; names that are not in `environment` stay and are problems. */
export function expandEnvironment(
  document: unknown,
  environment: Readonly<Record<string, string>>,
): { document: unknown; problems: Problem[] } {
  const place = new Place();
  return { document: expand(document, environment, place), problems: place.problems };
}

function expand(given: unknown, environment: Readonly<Record<string, string>>, place: Place): unknown {
  if (typeof given === 'string') return expandText(given, environment, place);
  if (Array.isArray(given))
    return given.map((each: unknown, position) => expand(each, environment, place.index(position)));
  if (!isPlainObject(given)) return given;
  return Object.fromEntries(
    Object.entries(given).map(([key, each]) => [key, expand(each, environment, place.key(key))]),
  );
}

function expandText(text: string, environment: Readonly<Record<string, string>>, place: Place): string {
  return text.replace(REFERENCE, (reference, name: string, offset: number) => {
    if (reference.startsWith('$$')) return reference.slice(1);
    const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
    if (value === undefined) {
      place.problem('CONFIG_VALUE', `${reference} is not in the environment${adviceOn(name, environment)}`);
      return reference;
    }
    // `$(POD_IP):7946` is meant for either family (RFC 3986 §3.2.2).
    const portFollows = text[offset + reference.length] === ':';
    return portFollows && ipFamily(value) === 6 ? `[${value}]` : value;
  });
}

function adviceOn(name: string, environment: Readonly<Record<string, string>>): string {
  const near = didYouMean(name, Object.keys(environment));
  return near === undefined ? '' : `; did you mean $(${near})?`;
}

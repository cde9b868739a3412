import { didYouMean } from './did-you-mean.ts';
import type { RouteConfig } from './proxy-config-type.ts';
import type { Draft, Place } from './schema.ts';

type Named = { readonly name?: string | undefined } | undefined;

/** What routes refer to; a list that could not be read is undefined. */
export interface Routed {
  readonly listeners?: readonly Named[] | undefined;
  readonly targets?: readonly Named[] | undefined;
  readonly routes?: readonly (Draft<RouteConfig> | undefined)[] | undefined;
}

/** A route names listeners and a target that are not there: a problem each. */
export function checkRouteNames({ listeners, routes, targets }: Routed, place: Place): void {
  const listenerNames = namesOf(listeners);
  const targetNames = namesOf(targets);
  for (const [index, route] of (routes ?? []).entries()) {
    const at = place.key('routes').index(index);
    if (listeners !== undefined) {
      checkReference(route?.from, listenerNames, 'listener', at.key('from'));
      checkReference(route?.via, listenerNames, 'listener', at.key('via'));
    }
    if (targets !== undefined) checkReference(route?.to, targetNames, 'target', at.key('to'));
  }
}

/** Names of a list, undefined for those that could not be read. */
export function namesOf(named: readonly Named[] | undefined): (string | undefined)[] {
  return (named ?? []).map((each) => each?.name);
}

/** A name that is not among the defined ones is a problem. */
export function checkReference(
  name: string | undefined,
  defined: readonly (string | undefined)[],
  what: string,
  place: Place,
): void {
  if (name === undefined || defined.includes(name)) return;
  const near = didYouMean(
    name,
    defined.filter((each) => each !== undefined),
  );
  const advice = near === undefined ? '' : `; did you mean ${near}?`;
  place.problem('CONFIG_REFERENCE', `there is no ${what} ${name}${advice}`);
}

/** Entries of a list that share what must be unique are problems; `key` is its name in an entry. */
export function checkUnique(values: readonly (string | undefined)[], place: Place, key?: string): void {
  for (const [index, value] of values.entries()) {
    if (value === undefined || values.indexOf(value) === index) continue;
    const at = key === undefined ? place.index(index) : place.index(index).key(key);
    at.problem('CONFIG_DUPLICATE', `${value} is there twice`);
  }
}

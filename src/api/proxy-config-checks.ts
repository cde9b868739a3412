import { ipFamily, isWildcard } from './address.ts';
import { didYouMean } from './did-you-mean.ts';
import type { ListenerDocument, ProxyDocument } from './proxy-config-schema.ts';
import type { MemberConfig, TargetConfig } from './proxy-config-type.ts';
import type { Draft, Place } from './schema.ts';

type DraftDocument = Draft<ProxyDocument>;

/** A lease ends before anybody may take its owner for dead (OWNERSHIP §4). */
const LONGEST_LEASE = 0.8;

/** Checks what settings say of each other; what could not be read is passed over, since it is a problem already. */
export function checkProxyDocument(document: DraftDocument, place: Place): void {
  checkRoster(document, place);
  checkPlacement(document, place);
  checkMesh(document, place);
  checkListeners(document, place);
  checkRoutes(document, place);
  checkUnique(namesOf(document.targets), place.key('targets'), 'name');
}

function checkRoster({ pod, role, roster }: DraftDocument, place: Place): void {
  const members = roster?.members;
  if (members === undefined) return;
  const at = place.key('roster').key('members');
  const pods = members.map((member) => member?.pod);
  checkUnique(pods, at, 'pod');
  checkUnique(members.map(meshAddress), at, 'mesh');
  if (members.length > 0 && members.length % 2 === 0)
    at.problem(
      'CONFIG_ROSTER_EVEN',
      `${members.length} voters are an even number: add one more pod, or a member with role: witness`,
    );
  if (pod === undefined) return;
  const self = members.find((member) => member?.pod === pod);
  if (self === undefined) checkReference(pod, pods, 'roster member', place.key('pod'));
  else if (role !== undefined && self.role !== undefined && self.role !== role)
    place
      .key('role')
      .problem('CONFIG_CONFLICT', `is ${role}, but the roster says that ${pod} is a ${self.role}`);
}

function meshAddress(member: Draft<MemberConfig> | undefined): string | undefined {
  const { address, port } = member?.mesh ?? {};
  return address === undefined || port === undefined ? undefined : `${address} port ${port}`;
}

function checkPlacement({ placement, shards, cluster, roster }: DraftDocument, place: Place): void {
  const tags = typeof shards === 'number' ? cluster && numberedTags(cluster, shards) : shards;
  if (Array.isArray(shards)) checkUnique(shards, place.key('shards'));
  const proxies = roster?.members?.map((member) => (member?.role === 'witness' ? undefined : member?.pod));
  for (const [tag, pod] of Object.entries(placement ?? {})) {
    const at = place.key('placement').key(tag);
    if (Array.isArray(tags)) checkReference(tag, tags, 'tag', at);
    if (pod !== undefined && proxies !== undefined)
      checkReference(pod, proxies, 'roster member that carries calls', at);
  }
}

/** The tags of a cluster that gives only their number: `<cluster>-NN`. */
export function numberedTags(cluster: string, count: number): readonly string[] {
  const digits = Math.max(2, String(count - 1).length);
  return Array.from({ length: count }, (_, index) => `${cluster}-${String(index).padStart(digits, '0')}`);
}

function checkMesh({ mesh, failover }: DraftDocument, place: Place): void {
  if (mesh === undefined) return;
  const at = place.key('mesh');
  checkKeys(mesh, at);
  const lease = mesh.isolationAfterMs;
  const suspect = failover?.suspectAfterMs;
  if (lease === undefined || suspect === undefined || lease <= LONGEST_LEASE * suspect) return;
  at.key('isolationAfter').problem(
    'CONFIG_CONFLICT',
    `must be at most ${LONGEST_LEASE} x failover.suspectAfter, that is ${LONGEST_LEASE * suspect}ms`,
  );
}

function checkKeys({ keys, keyFile }: Draft<ProxyDocument['mesh']>, place: Place): void {
  const unread = place.problems.some(({ path }) => path.startsWith('mesh.key'));
  if (!unread && keys === undefined && keyFile === undefined)
    place.key('keys').problem('CONFIG_REQUIRED', 'is missing: give keys, or a keyFile');
  if (keys !== undefined && keyFile !== undefined)
    place.key('keyFile').problem('CONFIG_CONFLICT', 'keys are there too: leave one of the two out');
  const ids = keys?.map((key) => key?.id) ?? [];
  checkUnique(ids, place.key('keys'), 'id');
}

function checkListeners({ role, listeners }: DraftDocument, place: Place): void {
  if (listeners === undefined) return;
  const all = place.key('listeners');
  if (role === 'witness' && listeners.length > 0)
    all.problem('CONFIG_CONFLICT', 'a witness carries no calls: leave the listeners out');
  checkUnique(namesOf(listeners), all, 'name');
  const sockets = new Set<string>();
  for (const [index, listener] of listeners.entries()) {
    if (listener === undefined) continue;
    checkSockets(listener, sockets, all.index(index));
    checkAdvertised(listener, all.index(index).key('advertise'));
  }
}

function checkSockets(
  { bind, port, transports }: Draft<ListenerDocument>,
  taken: Set<string>,
  place: Place,
): void {
  if (bind === undefined || port === undefined) return;
  for (const transport of transports ?? []) {
    const socket = `${transport ?? ''} ${bind} port ${port}`;
    if (taken.has(socket)) place.key('port').problem('CONFIG_DUPLICATE', `${socket} is there twice`);
    taken.add(socket);
  }
}

function checkAdvertised({ bind, advertise }: Draft<ListenerDocument>, place: Place): void {
  if (bind === undefined || !isWildcard(bind)) return;
  const address = advertise?.address;
  if (address === undefined)
    place.key('address').problem('CONFIG_REQUIRED', `is missing: nobody can send to ${bind}`);
  else if (isWildcard(address)) place.key('address').problem('CONFIG_VALUE', `nobody can send to ${address}`);
}

function checkRoutes({ listeners, routes, targets }: DraftDocument, place: Place): void {
  const listenerNames = namesOf(listeners);
  const targetNames = namesOf(targets);
  for (const [index, route] of (routes ?? []).entries()) {
    const at = place.key('routes').index(index);
    if (listeners !== undefined) {
      checkReference(route?.from, listenerNames, 'listener', at.key('from'));
      checkReference(route?.via, listenerNames, 'listener', at.key('via'));
    }
    if (targets !== undefined) checkReference(route?.to, targetNames, 'target', at.key('to'));
    checkFamily(
      listeners?.find((listener) => listener?.name === route?.via),
      targets?.find((target) => target?.name === route?.to),
      at.key('via'),
    );
  }
}

/** A socket sends by the family that it is bound to; one address that it can reach is enough. */
function checkFamily(
  listener: Draft<ListenerDocument> | undefined,
  target: Draft<TargetConfig> | undefined,
  place: Place,
): void {
  const family = ipFamily(listener?.bind ?? '');
  const families = target?.addresses?.map((each) => ipFamily(each?.address ?? '')) ?? [];
  if (family === 0 || families.length === 0) return;
  if (families.some((each) => each === 0 || each === family)) return;
  place.problem('CONFIG_CONFLICT', `sends by IPv${family}, and no address of ${target?.name ?? ''} is one`);
}

function namesOf(
  named: readonly ({ readonly name?: string | undefined } | undefined)[] | undefined,
): (string | undefined)[] {
  return (named ?? []).map((each) => each?.name);
}

function checkReference(
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
function checkUnique(values: readonly (string | undefined)[], place: Place, key?: string): void {
  for (const [index, value] of values.entries()) {
    if (value === undefined || values.indexOf(value) === index) continue;
    const at = key === undefined ? place.index(index) : place.index(index).key(key);
    at.problem('CONFIG_DUPLICATE', `${value} is there twice`);
  }
}

import { ipFamily, isWildcard, parseAdvertised } from './address.ts';
import { checkReference, checkRouteNames, checkUnique, namesOf } from './checks.ts';
import type { ListenerDocument, ProxyDocument } from './proxy-config-schema.ts';
import type { MemberConfig, TargetConfig } from './proxy-config-type.ts';
import type { Draft, Place } from './schema.ts';
import { numberedTags } from './tag-names.ts';

const MAX_PORT = 65535;

type DraftDocument = Draft<ProxyDocument>;

/** A lease ends before anybody may take its owner for dead (OWNERSHIP §4). */
const LONGEST_LEASE = 0.8;

/** Checks what settings say of each other; what could not be read is passed over, since it is a problem already. */
export function checkProxyDocument(document: DraftDocument, place: Place): void {
  checkRoster(document, place);
  checkManaged(document, place);
  checkTold(document, place);
  checkTags(document, place);
  checkMesh(document, place);
  if (document.tokens !== undefined) checkKeys(document.tokens, place.key('tokens'));
  checkListeners(document, place);
  checkOffset(document, place);
  checkRoutes(document, place);
  checkUnique(namesOf(document.targets), place.key('targets'), 'name');
}

function checkRoster({ managed, ...document }: DraftDocument, place: Place): void {
  const members = document.roster?.members;
  if (members === undefined) return;
  const at = place.key('roster').key('members');
  const pods = members.map((member) => member?.pod);
  checkUnique(pods, at, 'pod');
  checkUnique(members.map(meshAddress), at, 'mesh');
  // The operator issues rosters of its own, one voter more or less at a time (OWNERSHIP §7).
  if (managed !== true) checkStaticRoster(document, members, place);
}

function checkStaticRoster(
  { pod, role, roster }: DraftDocument,
  members: readonly (Draft<MemberConfig> | undefined)[],
  place: Place,
): void {
  const at = place.key('roster');
  const pods = members.map((member) => member?.pod);
  if (roster?.number === 0)
    at.key('number').problem('CONFIG_VALUE', 'must be at least 1 without an operator');
  if (members.length === 0) at.key('members').problem('CONFIG_VALUE', 'must have at least 1 entries');
  else if (members.length % 2 === 0)
    at.key('members').problem(
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

/** What a pod needs before an operator can reach it. */
function checkManaged({ managed, mesh, control }: DraftDocument, place: Place): void {
  if (managed !== true) return;
  const bind = place.key('mesh').key('bind');
  if (mesh !== undefined && mesh.bind === undefined && !bind.hasProblem())
    bind.problem('CONFIG_REQUIRED', 'is missing: the roster comes later');
  if (control === undefined && !place.key('control').hasProblem())
    place.key('control').problem('CONFIG_REQUIRED', 'is missing: the operator steers the pod by it');
}

/** Nobody but an operator can tell an address. */
function checkTold({ managed, listeners }: DraftDocument, place: Place): void {
  for (const [index, listener] of (listeners ?? []).entries()) {
    const { told, address } = listener?.advertise ?? {};
    if (told !== true) continue;
    const at = place.key('listeners').index(index).key('advertise').key('told');
    if (managed !== true) at.problem('CONFIG_CONFLICT', 'needs an operator: set managed');
    else if (address !== undefined)
      at.problem('CONFIG_CONFLICT', 'address is there too: leave one of the two out');
  }
}

function checkTags(document: DraftDocument, place: Place): void {
  const { managed, shards } = document;
  if (Array.isArray(shards)) checkUnique(shards, place.key('shards'));
  if (managed === true) return;
  if (Array.isArray(shards) && shards.length === 0)
    place.key('shards').problem('CONFIG_VALUE', 'must have at least 1 entries');
  checkPlacement(document, place);
  checkGroups(document, place);
}

/** The tags of the document; undefined if they could not be read. */
function tagsOf({ shards, cluster }: DraftDocument): readonly (string | undefined)[] | undefined {
  if (typeof shards !== 'number') return shards;
  return cluster === undefined ? undefined : numberedTags(cluster, shards);
}

function checkPlacement(document: DraftDocument, place: Place): void {
  const tags = tagsOf(document);
  const proxies = document.roster?.members?.map((member) =>
    member?.role === 'witness' ? undefined : member?.pod,
  );
  for (const [tag, pod] of Object.entries(document.placement ?? {})) {
    const at = place.key('placement').key(tag);
    if (tags !== undefined) checkReference(tag, tags, 'tag', at);
    if (pod !== undefined && proxies !== undefined)
      checkReference(pod, proxies, 'roster member that carries calls', at);
  }
}

function checkGroups(document: DraftDocument, place: Place): void {
  const tags = tagsOf(document);
  const groups = document.shardGroups ?? {};
  if (tags !== undefined)
    for (const tag of Object.keys(groups))
      checkReference(tag, tags, 'tag', place.key('shardGroups').key(tag));
  for (const [index, route] of (document.routes ?? []).entries()) {
    const at = place.key('routes').index(index).key('shardGroup');
    checkReference(route?.shardGroup, Object.values(groups), 'group in shardGroups', at);
  }
}

function checkMesh({ mesh, failover }: DraftDocument, place: Place): void {
  if (mesh === undefined) return;
  const at = place.key('mesh');
  requireKeys(mesh, at);
  checkKeys(mesh, at);
  const lease = mesh.isolationAfterMs;
  const suspect = failover?.suspectAfterMs;
  if (lease === undefined || suspect === undefined || lease <= LONGEST_LEASE * suspect) return;
  at.key('isolationAfter').problem(
    'CONFIG_CONFLICT',
    `must be at most ${LONGEST_LEASE} x failover.suspectAfter, that is ${LONGEST_LEASE * suspect}ms`,
  );
}

function requireKeys({ keys, keyFile }: Draft<ProxyDocument['mesh']>, place: Place): void {
  if (keys !== undefined || keyFile !== undefined) return;
  if (place.key('keys').hasProblem() || place.key('keyFile').hasProblem()) return;
  place.key('keys').problem('CONFIG_REQUIRED', 'is missing: give keys, or a keyFile');
}

/** Keys stand in the document or in a file of their own. */
function checkKeys({ keys, keyFile }: Draft<ProxyDocument['tokens']>, place: Place): void {
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

function checkOffset({ portOffset = 0, listeners, mesh, control, http }: DraftDocument, place: Place): void {
  const ports = [mesh?.bind?.port, control?.bind?.port, http?.bind?.port];
  const highest = Math.max(
    0,
    ...[...ports, ...(listeners?.map((each) => each?.port) ?? [])].map((each) => each ?? 0),
  );
  if (portOffset > 0 && highest + portOffset > MAX_PORT)
    place
      .key('portOffset')
      .problem(
        'CONFIG_CONFLICT',
        `makes port ${highest} ${highest + portOffset}, and the last one is ${MAX_PORT}`,
      );
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
  else if (isWildcard(parseAdvertised(address)?.address ?? ''))
    place.key('address').problem('CONFIG_VALUE', `nobody can send to ${address}`);
}

function checkRoutes(document: DraftDocument, place: Place): void {
  checkRouteNames(document, place);
  // Whoever writes a SipCluster cannot know by which family its pods are reached; one route that leads nowhere must stop no pod.
  if (document.managed === true) return;
  for (const [index, route] of (document.routes ?? []).entries())
    checkFamily(
      document.listeners?.find((listener) => listener?.name === route?.via),
      document.targets?.find((target) => target?.name === route?.to),
      place.key('routes').index(index).key('via'),
    );
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

import { parseHostPort, type HostPort } from './address.ts';
import { checkUnique, namesOf } from './checks.ts';
import type { ControlHandOver, ControlPeer, ControlRoster, ControlState, ControlTag } from './control.ts';
import { rehoming, routeFields, targetBalance, targetCredentials, targetProbe } from './policy-schema.ts';
import type { Parsed } from './problem.ts';
import type { TargetAddress, TargetConfig } from './proxy-config-type.ts';
import { list, object, Place, record } from './schema.ts';
import type { Draft, Field, Schema } from './schema.ts';
import {
  anyLine,
  anyText,
  choice,
  flag,
  host,
  integer,
  labelValue,
  name,
  port,
  textAs,
} from './schema-value.ts';

// Far above what a cluster of the largest size needs; a body that asks for more is a mistake.
const MAX_PODS = 200;
const MAX_TAGS = 4096;
const MAX_ROUTES = 1024;

const count: Schema<number> = integer(0, Number.MAX_SAFE_INTEGER);

const mesh: Schema<string> = textAs('host:port', (text) =>
  parseHostPort(text) === undefined ? undefined : text,
);

function items<T>(item: Schema<T>, maxItems: number): Schema<T[]> {
  return list(item, 0, maxItems);
}

const memberFields = {
  pod: { schema: name, doc: 'Id in the mesh.' },
  role: { schema: choice(['proxy', 'witness']), doc: 'A witness votes and carries no calls.' },
  mesh: { schema: mesh, doc: 'host:port of its mesh.' },
} as const;

const target: Schema<TargetConfig> = object<TargetConfig>({
  name: { schema: name, doc: 'Name of the target.' },
  addresses: {
    schema: list(
      object<TargetAddress>({
        address: { schema: host, doc: 'Address or host name.' },
        port: { schema: port, doc: 'Port.' },
        transport: { schema: choice(['UDP', 'TCP']), doc: 'Transport.' },
      }),
      0,
      MAX_ROUTES,
    ),
    doc: 'Addresses, tried in order; a Service may have none for a while.',
  },
  balance: targetBalance,
  probe: targetProbe,
  credentials: targetCredentials,
});

const roster: Field<ControlRoster> = {
  schema: object<ControlRoster>({
    number: { schema: count, doc: 'Number of the roster.' },
    members: {
      schema: items(object<ControlRoster['members'][number]>(memberFields), MAX_PODS),
      doc: 'The voters.',
    },
    floor: { schema: record(count), doc: 'Epochs that are granted no more, by tag.' },
  }),
  doc: 'The roster in force.',
};

/** The body of PUT /v1/state. */
const controlState: Schema<ControlState> = object<ControlState>({
  term: { schema: count, doc: 'Number of the leadership.' },
  generation: { schema: count, doc: 'Number of the state.' },
  roster,
  peers: {
    schema: items(
      object<ControlPeer>({
        ...memberFields,
        node: { schema: anyLine, doc: 'Node that it runs on.' },
        zone: { schema: anyLine, doc: 'Zone of the node.' },
      }),
      MAX_PODS,
    ),
    doc: 'Processes of the mesh.',
  },
  tags: {
    schema: items(
      object<ControlTag>({
        tag: { schema: name, doc: 'Name of the tag.' },
        group: { schema: labelValue, doc: 'Its group.' },
        placement: {
          schema: items(name, MAX_PODS),
          doc: 'Who should own it, then who should hold copies.',
        },
      }),
      MAX_TAGS,
    ),
    doc: 'The sharing tags.',
  },
  handOver: {
    schema: items(
      object<ControlHandOver>({
        tag: { schema: name, doc: 'Tag to hand over.' },
        to: { schema: name, doc: 'Member that gets it.' },
        cause: { schema: name, doc: 'Cause of the move.' },
        reason: { schema: anyText, doc: 'Why.' },
      }),
      MAX_TAGS,
    ),
    doc: 'Tags that this pod should hand over.',
  },
  cordoned: { schema: flag, doc: 'Whether the pod is to be emptied.' },
  cordonReason: { schema: anyText, doc: 'Why, perhaps in the words of an annotation.' },
  routes: {
    schema: items(object<ControlState['routes'][number]>(routeFields), MAX_ROUTES),
    doc: 'The routes.',
  },
  targets: { schema: items(target, MAX_ROUTES), doc: 'The targets.' },
  rehoming,
  addresses: {
    schema: record(
      object<HostPort>({
        address: { schema: host, doc: 'Address that endpoints are told.' },
        port: { schema: port, doc: 'Port that endpoints are told.' },
      }),
    ),
    doc: 'What listeners advertise, by name, for those that are told.',
    optional: true,
  },
});

/**
 * Reads the body of PUT /v1/state: all its problems, or the state. Fields that this version does not know are passed over, since an
 * operator may be one version ahead.
 */
export function parseControlState(body: unknown): Parsed<ControlState> {
  const place = new Place('', [], true);
  const draft = controlState.read(body, place);
  if (draft !== undefined) checkUniqueness(draft, place);
  if (place.problems.length > 0) return { ok: false, problems: place.problems };
  // Without problems nothing is missing from the draft.
  return { ok: true, value: draft as ControlState };
}

function checkUniqueness(
  { roster, peers, tags, handOver, targets }: Draft<ControlState>,
  place: Place,
): void {
  const members = roster?.members?.map((member) => member?.pod) ?? [];
  checkUnique(members, place.key('roster').key('members'), 'pod');
  checkUnique(peers?.map((peer) => peer?.pod) ?? [], place.key('peers'), 'pod');
  checkUnique(tags?.map((each) => each?.tag) ?? [], place.key('tags'), 'tag');
  checkUnique(handOver?.map((each) => each?.tag) ?? [], place.key('handOver'), 'tag');
  checkUnique(namesOf(targets), place.key('targets'), 'name');
}

import type { ResourceKind } from '../../kube/api.ts';
import type { JsonObject } from './json.ts';
import { SERVED_KINDS } from './request-path.ts';
import { hasStatusPart } from './write-rules.ts';

/** Short names that clients may use, by plural. */
const SHORT_NAMES: Readonly<Record<string, string[]>> = {
  sipclusters: ['sipc'],
  dialogshards: ['dsh'],
  pods: ['po'],
  nodes: ['no'],
  configmaps: ['cm'],
  events: ['ev'],
  poddisruptionbudgets: ['pdb'],
  services: ['svc'],
  networkpolicies: ['netpol'],
};
const VERBS = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];

/** The document at a path of the API's discovery, undefined if it is none. */
export function discoveryDocument(path: string): JsonObject | undefined {
  if (path === '/version') return { major: '1', minor: '35', gitVersion: 'v1.35.0+rehome-local' };
  if (path === '/api') return { kind: 'APIVersions', versions: ['v1'] };
  if (path === '/apis') return { apiVersion: 'v1', kind: 'APIGroupList', groups: groups() };
  const groupVersion = /^\/(?:api|apis\/([^/]+))\/([^/]+)\/?$/.exec(path);
  if (groupVersion === null) return undefined;
  const [, group = '', version = ''] = groupVersion;
  const kinds = SERVED_KINDS.filter((kind) => kind.group === group && kind.version === version);
  if (kinds.length === 0) return undefined;
  const name = group === '' ? version : `${group}/${version}`;
  return {
    apiVersion: 'v1',
    kind: 'APIResourceList',
    groupVersion: name,
    resources: kinds.flatMap(resourcesOf),
  };
}

function groups(): JsonObject[] {
  const named = SERVED_KINDS.filter(({ group }) => group !== '');
  return [...new Map(named.map(({ group, version }) => [group, version]))].map(([name, version]) => {
    const groupVersion = { groupVersion: `${name}/${version}`, version };
    return { name, versions: [groupVersion], preferredVersion: groupVersion };
  });
}

function resourcesOf(kind: ResourceKind): JsonObject[] {
  const { plural, namespaced, kind: name } = kind;
  const shortNames = SHORT_NAMES[plural] ?? [];
  const whole = {
    name: plural,
    singularName: name.toLowerCase(),
    namespaced,
    kind: name,
    verbs: VERBS,
    shortNames,
  };
  const parts = hasStatusPart(kind)
    ? [{ name: `${plural}/status`, namespaced, kind: name, verbs: ['get', 'patch', 'update'] }]
    : [];
  return [whole, ...parts, ...specialParts(kind)];
}

function specialParts({ plural, namespaced }: ResourceKind): JsonObject[] {
  const scale = { group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: ['get', 'patch', 'update'] };
  const eviction = { group: 'policy', version: 'v1', kind: 'Eviction', verbs: ['create'] };
  if (plural === 'sipclusters')
    return [{ name: 'sipclusters/scale', singularName: '', namespaced, ...scale }];
  if (plural === 'pods') return [{ name: 'pods/eviction', singularName: '', namespaced, ...eviction }];
  return [];
}

import { parseAdvertised, type HostPort } from './address.ts';
import type { Parsed } from './problem.ts';
import { freeze } from './freeze.ts';
import { memberId } from './member-id.ts';
import { checkProxyDocument } from './proxy-config-checks.ts';
import { proxySchema, type ProxyDocument } from './proxy-config-schema.ts';
import type { ProxyConfig } from './proxy-config-type.ts';
import { Place } from './schema.ts';
import { numberedTags } from './tag-names.ts';

export type * from './proxy-config-type.ts';

/** Reads a document: all its problems, or the config. */
export function parseProxyConfig(document: unknown): Parsed<ProxyConfig> {
  const place = new Place();
  const draft = proxySchema.read(document, place);
  if (draft !== undefined) checkProxyDocument(draft, place);
  if (place.problems.length > 0) return { ok: false, problems: place.problems };
  // Without problems nothing is missing from the draft.
  return { ok: true, value: freeze(complete(draft as ProxyDocument)) };
}

/** Fills in the defaults that depend on other settings. */
function complete({ portOffset, ...given }: ProxyDocument): ProxyConfig {
  const shifted = (bind: HostPort): HostPort => ({ ...bind, port: bind.port + portOffset });
  const self = given.roster.members.find((member) => member.pod === given.pod);
  return {
    ...given,
    pod: given.podUid === undefined ? given.pod : memberId(given.pod, given.podUid),
    shards: typeof given.shards === 'number' ? numberedTags(given.cluster, given.shards) : given.shards,
    mesh: {
      ...given.mesh,
      bind: given.mesh.bind ? shifted(given.mesh.bind) : (self?.mesh ?? { address: '', port: 0 }),
      keys: given.mesh.keys ?? [],
    },
    listeners: given.listeners.map((listener) => ({
      ...listener,
      port: listener.port + portOffset,
      advertise: {
        address: listener.bind,
        port: listener.advertise?.port ?? listener.port + portOffset,
        ...parseAdvertised(listener.advertise?.address ?? listener.bind),
      },
      ...(listener.advertise?.told === true && { told: true as const }),
    })),
    http: { bind: shifted(given.http.bind) },
    ...(given.control && { control: { bind: shifted(given.control.bind) } }),
  };
}

/** `proxy`: carries calls and votes. `witness`: votes only. */
export type Role = 'proxy' | 'witness';

export interface Member {
  pod: string;
  role: Role;
  /** host:port of its mesh; only the shell reads it. */
  mesh?: string;
}

/** A process that the mesh talks to, whether or not it has a vote. */
export interface PeerConfig extends Member {
  /** Where it runs: owner and standbys are kept apart. '' if unknown. */
  node: string;
  zone: string;
}

/** A sharing tag; `placement`: who should own it at first, then who should hold copies, in order. */
export interface TagConfig {
  tag: string;
  placement: readonly string[];
}

/** The numbered list of voters; `floor` is, per tag, the epoch at or below which nothing is granted any more. */
export interface RosterConfig {
  number: number;
  members: readonly Member[];
  floor?: ReadonlyMap<string, number>;
}

/** Where the mesh reads the bytes of a record that this pod's program holds. */
export interface RecordSource {
  /** The present bytes of a live record, or undefined if the program has none. The mesh copies what it keeps. */
  read(tag: string, key: string): Uint8Array | undefined;
}

/** What a mesh is built from; times are milliseconds of a monotonic clock. */
export interface MeshOptions {
  /** `bootId`: random at each start of the process, at most 64 characters. */
  self: { pod: string; bootId: string; role?: Role; node?: string; zone?: string };
  /** The roster of the configuration; one without members, under number 0, grants nothing. */
  roster: RosterConfig;
  /** The sharing tags of the cluster, the same on all pods. */
  tags: readonly string[];
  /** Which pod should own a tag at first; tags that it does not name are spread by a hash. */
  preferred?: ReadonlyMap<string, string>;
  source: RecordSource;
  suspectAfterMs?: number;
  isolationAfterMs?: number;
  probeIntervalMs?: number;
  /** Copies beside the owner. */
  replicationFactor?: number;
  /** Whether "closed by the peer, then refused at once" proves that a process is gone. */
  trustReset?: boolean;
  /** Wait between the proof of a death and the claim. */
  failoverDelayMs?: number;
}

/** Options with every default filled in. */
export interface MeshSettings extends Required<Omit<MeshOptions, 'self' | 'tags' | 'preferred'>> {
  self: Required<MeshOptions['self']>;
  tags: readonly TagConfig[];
}

/** OWNERSHIP 2: how long a silent member lives. */
export const SUSPECT_AFTER_MS = 1000;
/** OWNERSHIP 4: a lease ends before its voters may call the owner dead. */
export const ISOLATION_SHARE = 0.8;
const PROBE_INTERVAL_MS = 100;
const REPLICATION_FACTOR = 2;

/** Fills in defaults; throws `RangeError` for settings under which the protocol is not safe. */
export function compileOptions(given: MeshOptions): MeshSettings {
  const suspectAfterMs = given.suspectAfterMs ?? SUSPECT_AFTER_MS;
  const settings: MeshSettings = {
    self: { role: 'proxy', node: '', zone: '', ...given.self },
    roster: given.roster,
    tags: given.tags.map((tag) => ({ tag, placement: firstChoice(given.preferred?.get(tag)) })),
    source: given.source,
    suspectAfterMs,
    isolationAfterMs: given.isolationAfterMs ?? suspectAfterMs * ISOLATION_SHARE,
    probeIntervalMs: given.probeIntervalMs ?? PROBE_INTERVAL_MS,
    replicationFactor: given.replicationFactor ?? REPLICATION_FACTOR,
    trustReset: given.trustReset ?? true,
    failoverDelayMs: given.failoverDelayMs ?? 0,
  };
  refuseUnsafe(settings);
  return settings;
}

function firstChoice(pod: string | undefined): string[] {
  return pod === undefined ? [] : [pod];
}

function refuseUnsafe(settings: MeshSettings): void {
  const { members } = settings.roster;
  if (settings.isolationAfterMs > settings.suspectAfterMs * ISOLATION_SHARE)
    throw new RangeError(`isolationAfterMs must be at most ${String(ISOLATION_SHARE)} x suspectAfterMs`);
  if (new Set(members.map((member) => member.pod)).size !== members.length)
    throw new RangeError('a pod is named twice in the roster');
}

import type { MeshCore } from './core.ts';
import type { Peer } from './peer.ts';
import type { TagState } from './tag-state.ts';
import type { Owner } from './owner.ts';
import type { Role } from './options.ts';

/** A member as this pod sees it. */
export interface MemberReport {
  pod: string;
  role: Role;
  alive: boolean;
  linked: boolean;
  rttMs: number;
  /** Whether this id of the member has a vote in the roster in force. */
  voter: boolean;
}

/** A tag as this pod sees it. */
export interface TagReport {
  tag: string;
  owner: Owner | undefined;
  /** `holder`: has copies, but is not listed as a standby. */
  role: 'owner' | 'standby' | 'holder' | 'none';
  /** `gathering`: elected, fetching copies; `isolated`: owner without its lease; `paused`: handing over. */
  phase: 'active' | 'gathering' | 'paused' | 'isolated' | 'none';
  /** In sync as a standby (OWNERSHIP 1). */
  inSync: boolean;
  /** As the owner: standbys in order, and those of them in sync. */
  standbys: string[];
  standbysInSync: string[];
  sequence: number;
  /** As the owner: highest sequence that a standby in sync acknowledged. */
  acknowledged: number;
  records: number;
  /** Hash of all live records' versions: equal copies have equal ones. */
  digest: number;
  ended: number;
  /** Why the last claim failed; '' if none did. */
  refused: string;
}

/** State of the mesh for readiness, metrics and people. */
export interface MeshReport {
  pod: string;
  boot: string;
  /** `adoptedAtMs`: when this process took it into use, on the mesh's clock. */
  roster: { number: number; conflict: boolean; members: number; majority: number; adoptedAtMs: number };
  /** Id of this process's memory as a voter. */
  voterId: string;
  /** Whether this pod's own id has a vote in the roster in force. */
  voter: boolean;
  /** Whether this process has run for long enough to claim and grant (OWNERSHIP 1). */
  settled: boolean;
  /** Whether a majority of the roster, itself included, is alive in this pod's view. */
  majorityAlive: boolean;
  members: MemberReport[];
  tags: TagReport[];
  /** Highest epoch granted per tag, for the issuer of the next roster. */
  granted: ReadonlyMap<string, number>;
}

/** What the report reads besides the core. */
export interface ReportParts {
  roster: MeshReport['roster'];
  voterId: string;
  voter: boolean;
  granted: ReadonlyMap<string, number>;
  memberPods: readonly string[];
  alive: (pod: string) => boolean;
  votes: (peer: Peer) => boolean;
  mayAct: (state: TagState) => boolean;
  inSync: (state: TagState) => boolean;
}

export function reportMesh(core: MeshCore, parts: ReportParts): MeshReport {
  const alive = parts.memberPods.filter((pod) => parts.alive(pod)).length;
  return {
    pod: core.pod,
    boot: core.boot,
    roster: parts.roster,
    voterId: parts.voterId,
    voter: parts.voter,
    settled: core.settled,
    majorityAlive: alive >= parts.roster.majority,
    members: [...core.peers.values()].map((peer) => ({
      pod: peer.pod,
      role: peer.role,
      alive: parts.alive(peer.pod),
      linked: peer.link?.greeted === true,
      rttMs: peer.rttMs,
      voter: parts.votes(peer),
    })),
    tags: [...core.tags.values()].map((state) => reportTag(core, state, parts)),
    granted: parts.granted,
  };
}

function reportTag(core: MeshCore, state: TagState, parts: ReportParts): TagReport {
  const { owning, store } = state;
  const streams = [...(owning?.streams ?? [])];
  return {
    tag: state.tag,
    owner: state.known,
    role: roleOf(core, state),
    phase: phaseOf(state, parts),
    inSync: parts.inSync(state),
    standbys: owning?.standbys ?? state.standbys,
    standbysInSync: streams.filter(([, stream]) => stream.state === 'synced').map(([pod]) => pod),
    sequence: owning?.log.sequence ?? state.copy.sequence,
    acknowledged: owning?.acknowledged ?? 0,
    records: store.size,
    digest: store.summary(),
    ended: store.ended.size,
    refused: state.refusedBecause,
  };
}

function roleOf(core: MeshCore, state: TagState): TagReport['role'] {
  if (state.owning !== undefined) return 'owner';
  if (state.standbys.includes(core.pod)) return 'standby';
  return state.store.size > 0 ? 'holder' : 'none';
}

function phaseOf(state: TagState, parts: ReportParts): TagReport['phase'] {
  if (state.owning === undefined) return 'none';
  if (state.owning.phase !== 'active') return state.owning.phase;
  return parts.mayAct(state) ? 'active' : 'isolated';
}

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
  records: number;
  ended: number;
}

/** State of the mesh for readiness, metrics and people. */
export interface MeshReport {
  pod: string;
  boot: string;
  roster: { number: number; conflict: boolean; members: number; majority: number };
  /** Whether this pod's own id has a vote in the roster in force. */
  voter: boolean;
  /** Whether a majority of the roster, itself included, is alive in this pod's view. */
  majorityAlive: boolean;
  members: MemberReport[];
  tags: TagReport[];
  /** Highest epoch granted per tag, for the issuer of the next roster. */
  granted: ReadonlyMap<string, number>;
}

import type { FrameDecoder } from './frame.ts';
import type { Role } from './options.ts';

const FIRST_RTT_MS = 5;

/** A stream to a peer while it is open. */
export interface Link {
  decoder: FrameDecoder;
  /** Sequence of the last frame sent. */
  sequence: number;
  /** The peer's `hello` has come. */
  greeted: boolean;
}

/** Another member as this process knows it. */
export interface Peer {
  pod: string;
  role: Role;
  /** Boot id of its present process; '' before the first contact. */
  boot: string;
  /** When that boot was met. */
  bootSinceMs: number;
  oldBoots: Set<string>;
  /** Latest time at which a probe was sent that this boot answered. */
  provenAtMs: number;
  voterId: string;
  roster: number;
  rosterDigest: number;
  /** Awake time at which a datagram of it last came. */
  heardAtAwakeMs: number;
  /** When its stream was closed from the other end; -Infinity if it was not, or is open again. */
  closedAtMs: number;
  /** When a refused connection proved the end of its process; -Infinity if it lives. */
  goneAtMs: number;
  /** Last state that was told to the program, and since when. */
  reportedAlive: boolean;
  reportedAtMs: number;
  rttMs: number;
  /** Probes without an answer so far: nonce to time sent. */
  probes: Map<number, number>;
  tableSentAtMs: number;
  link: Link | undefined;
  /** Tags of which it is known to hold copies. */
  holds: Set<string>;
}

/** A peer before the first contact. */
export function newPeer(pod: string, role: Role, awakeMs: number): Peer {
  return {
    pod,
    role,
    boot: '',
    bootSinceMs: -Infinity,
    oldBoots: new Set(),
    provenAtMs: -Infinity,
    voterId: '',
    roster: 0,
    rosterDigest: 0,
    heardAtAwakeMs: awakeMs,
    closedAtMs: -Infinity,
    goneAtMs: -Infinity,
    reportedAlive: false,
    reportedAtMs: -Infinity,
    rttMs: FIRST_RTT_MS,
    probes: new Map(),
    tableSentAtMs: -Infinity,
    link: undefined,
    holds: new Set(),
  };
}

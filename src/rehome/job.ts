import { takeOverRecord } from '../dialog/epoch-cseq.ts';
import type { LegHop } from '../dialog/hop.ts';
import { allows } from '../dialog/peer-capabilities.ts';
import type { DialogRecord, Leg, LegIndex, PeerAddress } from '../dialog/record.ts';
import type { HeaderLine } from '../sip/index.ts';
import { inheritedOf, type Inherited } from './inherited.ts';
import type { RehomePolicy } from './policy.ts';

/** The pod that re-homes, as this dialog's new owner. */
export interface NewOwner {
  pod: string;
  epoch: number;
  /** Since which epoch this pod has owned the tag without another in between; a home older than it proves nothing. */
  homeSince: number;
  /** Whether its copy was in sync when it took over. */
  inSync: boolean;
  /** The dialog comes from a copy out of touch for long: both endpoints are asked, whatever their home (OWNERSHIP section 6). */
  doubtful: boolean;
  /** This pod's listeners of the two legs' names. */
  hops: [LegHop, LegHop];
}

/** Where a leg's re-homing stands. `held`: something inherited goes first; `waiting`: for `dueMs`; `queued`: for pacing. */
export type LegPhase = 'home' | 'held' | 'waiting' | 'queued' | 'inFlight';

/** What is being done for one leg. */
export interface LegWork {
  readonly leg: LegIndex;
  phase: LegPhase;
  /** When a waiting leg is queued again; Infinity in other phases. */
  dueMs: number;
  /** The peer at which it has, or waits for, a place in the pacing. */
  peer: PeerAddress;
  method: 'INVITE' | 'UPDATE';
  /** The last request, the description that it offered, and its CSeq; '' and 0 if none. */
  text: string;
  offered: string;
  cseq: number;
  /** When an INVITE that rings without an end is cancelled, and later given up; Infinity until a provisional response. */
  boundMs: number;
  cancelled: boolean;
  /** RSeq of the last reliable provisional response that was acknowledged (RFC 3262). */
  lastRSeq: number;
  /** The answer in a reliable provisional response. */
  earlyAnswer: string;
  /** The last ACK, for repeats of its 2xx. */
  ack: { cseq: number; text: string } | undefined;
  /** The endpoint has shown that it sends here while a request was in flight. */
  proved: boolean;
  /** The description sent to this leg changed: it is offered even if the leg is home. */
  reoffer: boolean;
  glares: number;
  silences: number;
  firstSentMs: number;
  refusals: number;
  waitedOnRequest: boolean;
  minSeconds: number;
  /** What the request in flight is authorized with, and how often it was repeated for that (RFC 3261 §22). */
  credentials: readonly HeaderLine[];
  challenges: number;
  triedOtherMethod: boolean;
}

/** The re-homing of one dialog. */
export interface RehomeJob {
  readonly record: DialogRecord;
  readonly owner: NewOwner;
  readonly policy: RehomePolicy;
  readonly legs: [LegWork, LegWork];
  inherited: Inherited[];
  /** How often a leg was offered what the other one answered; two at most. */
  rounds: number;
  state: 'active' | 'done' | 'over';
  /** When the job wants a 'time' event; Infinity if it waits for something else. */
  wakeAtMs: number;
}

/** A job for a confirmed dialog whose tag this pod has taken over; the record becomes one of the new epoch. */
export function createJob(
  record: DialogRecord,
  owner: NewOwner,
  policy: RehomePolicy,
  nowMs: number,
): RehomeJob {
  takeOverRecord(record, owner.epoch, owner.inSync);
  return {
    record,
    owner,
    policy,
    legs: [newLegWork(record, owner, 0), newLegWork(record, owner, 1)],
    inherited: inheritedOf(record, policy, nowMs),
    rounds: 0,
    state: record.state === 'confirmed' ? 'active' : 'over',
    wakeAtMs: Infinity,
  };
}

/** Whether a leg's endpoint is known to send to this owner. */
export function isHome(leg: Leg, owner: NewOwner): boolean {
  return !owner.doubtful && leg.home.pod === owner.pod && leg.home.epoch >= owner.homeSince;
}

/** The legs that have to be re-homed. */
export function legsAway(record: DialogRecord, owner: NewOwner): LegIndex[] {
  return ([0, 1] as const).filter((leg) => !isHome(record.legs[leg], owner));
}

/** User agents that answer an UPDATE but go on sending to the old target. */
const DEAF_TO_UPDATE = /jssip|sip\.js|drachtio|ringcentral/i;

/** The request that a leg is asked with. */
export function methodFor(leg: Leg, policy: RehomePolicy): LegWork['method'] {
  if (policy.method === 'Reinvite' || !allows(leg, 'UPDATE')) return 'INVITE';
  return policy.method === 'Auto' && DEAF_TO_UPDATE.test(leg.userAgent) ? 'INVITE' : 'UPDATE';
}

function newLegWork(record: DialogRecord, owner: NewOwner, leg: LegIndex): LegWork {
  return {
    leg,
    phase: isHome(record.legs[leg], owner) ? 'home' : 'held',
    dueMs: Infinity,
    peer: record.legs[leg].peer,
    method: 'INVITE',
    text: '',
    offered: '',
    cseq: 0,
    boundMs: Infinity,
    cancelled: false,
    lastRSeq: 0,
    earlyAnswer: '',
    ack: undefined,
    proved: false,
    reoffer: false,
    glares: 0,
    silences: 0,
    firstSentMs: 0,
    refusals: 0,
    waitedOnRequest: false,
    minSeconds: 0,
    credentials: [],
    challenges: 0,
    triedOtherMethod: false,
  };
}

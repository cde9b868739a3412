import type { LegIndex, PeerAddress, Standing } from '../dialog/record.ts';

/** What a job wants done, in this order. */
export type RehomeEffect =
  /** Send in a client transaction of the pod's own. */
  | { type: 'request'; leg: LegIndex; method: RehomeRequest; text: string; branch: string; cseq: number }
  /** Send an ACK of a 2xx, past all transactions. */
  | { type: 'ack'; leg: LegIndex; text: string }
  /** Send a response by the leg's listener to where its request came from. */
  | { type: 'reply'; leg: LegIndex; text: string; peer: PeerAddress }
  /** The leg waits for a 'go' of the pacing, not before and most urgently at these times. */
  | { type: 'queue'; leg: LegIndex; peer: PeerAddress; notBeforeMs: number; dueAtMs: number }
  /** The leg's place in the pacing is free again. */
  | { type: 'release'; leg: LegIndex; peer: PeerAddress }
  /** The record changed and has to travel. */
  | { type: 'changed' }
  /** The leg's endpoint sends to this pod. */
  | { type: 'home'; leg: LegIndex; by: 'INVITE' | 'UPDATE' | 'endpoint' }
  /** The leg stays where it was, and why. */
  | { type: 'kept'; leg: LegIndex; standing: Standing; reason: string }
  /** The call is over, and why; the record says so. */
  | { type: 'ended'; leg: LegIndex; status: number; reason: string }
  /** Both legs are home and nothing inherited is left. */
  | { type: 'done' };

/** Methods of requests that a job sends in transactions. */
export type RehomeRequest = 'INVITE' | 'UPDATE' | 'PRACK' | 'CANCEL' | 'BYE';

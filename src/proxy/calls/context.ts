import type { Logger } from '../../runtime/logger.ts';
import type { TimingWheel } from '../../runtime/timing-wheel.ts';
import type { ProxyConfig } from '../../api/proxy-config.ts';
import type { Flow, SendAlong } from '../flow.ts';
import type { Listeners } from '../listeners.ts';
import type { ProxyMetrics } from '../metrics.ts';
import type { TargetProbes } from '../targets/target-probes.ts';
import type { Transactions } from '../transactions.ts';
import type { CallTable } from './call-table.ts';
import type { Credentials } from './credentials.ts';
import type { HandedOn } from './handed-on.ts';
import type { HeldMessages } from './held-messages.ts';
import type { Keeping } from './keeping.ts';
import type { Leavers } from './leavers.ts';
import type { MeshPort } from './mesh-port.ts';
import type { NewCalls } from './new-calls.ts';
import type { NextHops } from './next-hop.ts';
import type { Pipes } from './pipes.ts';
import type { RouteTable } from './routing.ts';
import type { Tags } from './tags.ts';
import type { TokenKeys } from './token-keys.ts';

/** Random values of one pod, drawn from a pool. */
export interface RandomSource {
  /** Lower-case hex digits. */
  hex(digits: number): string;
  /** Uniform in [0, 1). */
  next(): number;
}

/** What the parts of the call engine share. */
export interface CallContext {
  readonly pod: string;
  readonly config: ProxyConfig;
  readonly log: Logger;
  readonly metrics: ProxyMetrics;
  readonly wheel: TimingWheel;
  readonly random: RandomSource;
  readonly tokenKeys: Pick<TokenKeys, 'inUse'>;
  /** A token id that no other dialog has. */
  mint(tag: string): string;
  /** Whether a token id was made by a pod of this cluster. */
  isOwnToken(id: string): boolean;
  readonly listeners: Listeners;
  readonly routes: RouteTable;
  readonly targets: TargetProbes;
  readonly tags: Tags;
  readonly newCalls: NewCalls;
  readonly credentials: Pick<Credentials, 'answer' | 'replace'>;
  readonly leavers: Leavers;
  readonly nextHops: NextHops;
  readonly transactions: Transactions;
  readonly send: SendAlong;
  readonly mesh: MeshPort;
  readonly calls: CallTable;
  readonly held: HeldMessages;
  readonly handedOn: HandedOn;
  readonly pipes: Pipes;
  readonly keeper: Keeping;
  /** A branch that no other request has (RFC 3261 §8.1.1.7). */
  newBranch(): string;
  /** Milliseconds that never go back, for intervals in this process. */
  monotonicMs(): number;
  /** Milliseconds since 1970, for what other pods read. */
  wallMs(): number;
  /** Takes a message up again from the start, after something changed. */
  receive(text: string, flow: Flow): void;
}

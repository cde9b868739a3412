import type { ProxyConfig } from '../../api/proxy-config.ts';
import { systemClock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import { TimingWheel } from '../../runtime/timing-wheel.ts';
import { MAGIC_COOKIE } from '../../sip/index.ts';
import type { SendAlong } from '../flow.ts';
import { Listeners } from '../listeners.ts';
import type { ProxyMetrics } from '../metrics.ts';
import { RandomPool } from '../random.ts';
import { TargetProbes } from '../targets/target-probes.ts';
import { Transactions } from '../transactions.ts';
import { CallTable } from './call-table.ts';
import type { CallContext } from './context.ts';
import { Credentials } from './credentials.ts';
import { HandedOn } from './handed-on.ts';
import { HeldMessages } from './held-messages.ts';
import { Keeper } from './keeper.ts';
import { Leavers } from './leavers.ts';
import type { MeshPort } from './mesh-port.ts';
import { NewCalls } from './new-calls.ts';
import { NextHops, type Connections } from './next-hop.ts';
import { Pipes } from './pipes.ts';
import { RouteTable } from './routing.ts';
import { NO_GROUP, Tags } from './tags.ts';
import type { TokenKeys } from './token-keys.ts';

const BRANCH_DIGITS = 20;

/** What a call engine is made of beside what it makes itself. */
export interface ContextParts {
  config: ProxyConfig;
  log: Logger;
  metrics: ProxyMetrics;
  tokenKeys: TokenKeys;
  mesh: MeshPort;
  connections: Connections;
  send: SendAlong;
  receive: CallContext['receive'];
}

/** The call engine's surroundings on this machine's clock and randomness. */
export function newContext({ tokenKeys, connections, ...parts }: ContextParts): CallContext {
  const { config, metrics } = parts;
  const { t1Ms: t1, t2Ms: t2, t4Ms: t4 } = config.sip;
  const wheel = new TimingWheel(systemClock);
  const random = new RandomPool();
  const monotonicMs = (): number => systemClock.nowMs();
  const tags = new Tags(config.shards.map((tag) => ({ tag, group: config.shardGroups[tag] ?? NO_GROUP })));
  const base: Omit<CallContext, 'keeper' | 'targets'> = {
    ...parts,
    pod: config.pod,
    wheel,
    random,
    tokenKeys,
    mint: (tag) => tokenKeys.mint(tag, (digits) => random.hex(digits)),
    isOwnToken: (id) => tokenKeys.keyOf(id) !== undefined,
    listeners: new Listeners(config),
    routes: new RouteTable(config),
    tags,
    newCalls: new NewCalls({ mesh: parts.mesh, pod: config.pod, tags, monotonicMs }),
    credentials: new Credentials(config.targets, {
      random,
      monotonicMs,
      failed: (directory, error) => {
        parts.log.error('credentials of a target cannot be read', {
          code: 'CREDENTIALS',
          directory,
          error: String(error),
        });
      },
    }),
    leavers: new Leavers(monotonicMs),
    nextHops: new NextHops(connections, monotonicMs),
    transactions: new Transactions(wheel, { t1, t2, t4 }, parts.send, monotonicMs),
    calls: new CallTable(),
    held: new HeldMessages(config.limits.heldMessages, () => {
      metrics.drops.inc({ reason: 'held_too_long' });
    }),
    pipes: new Pipes(),
    handedOn: new HandedOn(config.limits.heldMessages),
    newBranch: () => `${MAGIC_COOKIE}${random.hex(BRANCH_DIGITS)}`,
    monotonicMs,
    wallMs: () => performance.timeOrigin + performance.now(),
  };
  return { ...base, keeper: new Keeper(base), targets: new TargetProbes(base) };
}

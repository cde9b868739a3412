import { createHmac } from 'node:crypto';
import type { ProxyConfig } from '../api/proxy-config.ts';
import { encodeRecord } from '../dialog/snapshot.ts';
import type { MeshEffect } from '../gossip/index.ts';
import { systemClock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import { TimingWheel } from '../runtime/timing-wheel.ts';
import { BRANCH_COOKIE } from '../sip/transaction/key.ts';
import { CallTable } from './calls/call-table.ts';
import type { CallContext } from './calls/context.ts';
import { Drain } from './calls/drain.ts';
import { CallEngine } from './calls/engine.ts';
import { HeldMessages } from './calls/held-messages.ts';
import { Keeper } from './calls/keeper.ts';
import type { MeshPort } from './calls/mesh-port.ts';
import { NextHops } from './calls/next-hop.ts';
import { Ownership } from './calls/ownership.ts';
import { Rehoming } from './calls/rehoming.ts';
import { Ringing, RINGING_KEY } from './calls/ringing.ts';
import { RouteTable } from './calls/routing.ts';
import type { Flow } from './flow.ts';
import { Listeners } from './listeners.ts';
import type { ProxyMetrics } from './metrics.ts';
import { RandomPool } from './random.ts';
import { Transactions } from './transactions.ts';
import { Transports } from './transport/transports.ts';

/** How often held messages are looked at again beside when an owner changes, in ms. */
const RETRY_HELD_MS = 100;
const BRANCH_DIGITS = 20;

/** The SIP side of a pod: everything that carries calls, over one mesh. */
export class Pod {
  readonly context: CallContext;
  readonly transports: Transports;
  readonly rehoming: Rehoming;
  private readonly engine: CallEngine;
  private readonly ownership: Ownership;
  private readonly ringing: Ringing;

  constructor(config: ProxyConfig, mesh: MeshPort, surroundings: { log: Logger; metrics: ProxyMetrics; tokenKey: string }) {
    const { metrics } = surroundings;
    const wheel = new TimingWheel(systemClock);
    this.transports = new Transports(
      config.listeners.map(({ name, bind, port, transports }) => ({ name, address: bind, port, transports })),
      {
        message: (text, flow) => {
          this.receive(text, flow);
        },
        drop: (reason) => {
          metrics.drops.inc({ reason });
        },
      },
    );
    const send = (flow: Flow, text: string, failed?: () => void): void => {
      if (flow.via === undefined) this.transports.send(flow, text, failed);
      else if (!this.engine.emit(flow.via, flow, text)) failed?.();
    };
    const { t1Ms: t1, t2Ms: t2, t4Ms: t4 } = config.sip;
    const nowMs = systemClock.nowMs.bind(systemClock);
    const random = new RandomPool();
    this.context = {
      pod: config.pod,
      config,
      log: surroundings.log,
      metrics,
      wheel,
      random,
      sign: (text) => createHmac('sha256', surroundings.tokenKey).update(text).digest('hex'),
      listeners: new Listeners(config),
      routes: new RouteTable(config),
      nextHops: new NextHops(this.transports, nowMs),
      transactions: new Transactions(wheel, { t1, t2, t4 }, send, nowMs),
      send,
      mesh,
      calls: new CallTable(),
      held: new HeldMessages(config.limits.heldMessages, () => {
        metrics.drops.inc({ reason: 'held_too_long' });
      }),
      newBranch: () => `${BRANCH_COOKIE}${random.hex(BRANCH_DIGITS)}`,
      monotonicMs: nowMs,
      wallMs: () => performance.timeOrigin + performance.now(),
      receive: (text, flow) => {
        this.receive(text, flow);
      },
      keeper: undefined as unknown as Keeper,
    };
    const keeper = new Keeper(this.context);
    Object.assign(this.context, { keeper });
    this.rehoming = new Rehoming(this.context);
    this.ringing = new Ringing(this.context);
    this.engine = new CallEngine(this.context, this.rehoming, (copy) => {
      this.ownership.adopt(copy);
    });
    this.ownership = new Ownership(this.context, { rehoming: this.rehoming, ringing: this.ringing, engine: this.engine });
  }

  async start(): Promise<void> {
    await this.transports.start();
    this.ringing.start();
    this.retryHeld();
  }

  /** The bytes of a record that lives here, for the mesh. */
  readRecord(tag: string, key: string): Uint8Array | undefined {
    if (key === RINGING_KEY) return this.ringing.read(tag);
    const call = this.context.calls.get(key);
    return call && encodeRecord(call.record);
  }

  /** What the mesh says about tags and other pods. */
  onMesh(effect: MeshEffect): void {
    switch (effect.kind) {
      case 'takenOver':
        this.ownership.takenOver(effect);
        return;
      case 'lost':
        this.ownership.lost(effect.tag);
        return;
      case 'merged':
        this.ownership.merged(effect);
        return;
      case 'acknowledged':
        this.context.keeper.acknowledged(effect.tag, effect.sequence);
        return;
      case 'standbys':
        if (effect.inSync === 0) this.context.keeper.releaseAll(effect.tag);
        return;
      case 'owner':
        this.engine.releaseHeld(effect.tag);
        return;
      case 'payload':
        this.engine.receivePayload(effect.from, effect.bytes);
        return;
      default:
    }
  }

  drain(mesh: ConstructorParameters<typeof Drain>[1]): Drain {
    return new Drain(this.context, mesh);
  }

  private receive(text: string, flow: Flow): void {
    try {
      this.engine.receive(text, flow);
    } catch (error) {
      // Promise 7: no message stops a pod, whatever it met.
      this.context.metrics.drops.inc({ reason: 'internal_error' });
      this.context.log.error('a message could not be handled', { code: 'MESSAGE_FAILED', error: String(error), stack: (error as Error).stack });
    }
  }

  private retryHeld(): void {
    for (const tag of this.context.held.tags()) this.engine.releaseHeld(tag);
    this.context.wheel.set(RETRY_HELD_MS, () => {
      this.retryHeld();
    });
  }
}

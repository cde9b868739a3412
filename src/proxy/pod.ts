import type { ProxyConfig } from '../api/proxy-config.ts';
import { encodeRecord } from '../dialog/snapshot.ts';
import type { ProgramEffect } from '../mesh/mesh-node.ts';
import type { Logger } from '../runtime/logger.ts';
import type { CallContext } from './calls/context.ts';
import { Drain } from './calls/drain.ts';
import { CallEngine } from './calls/engine.ts';
import type { MeshPort } from './calls/mesh-port.ts';
import type { RecordCopy } from './calls/pod-message.ts';
import { newContext } from './calls/new-context.ts';
import { Ownership } from './calls/ownership.ts';
import { Rehoming } from './calls/rehoming.ts';
import { Ringing, RINGING_KEY } from './calls/ringing.ts';
import type { Flow } from './flow.ts';
import type { ProxyMetrics } from './metrics.ts';
import { Transports } from './transport/transports.ts';

/** How often held messages are looked at again beside when an owner changes, in ms. */
const RETRY_HELD_MS = 100;

/** The SIP side of a pod: everything that carries calls, over one mesh. */
export class Pod {
  readonly context: CallContext;
  readonly transports: Transports;
  readonly rehoming: Rehoming;
  private readonly engine: CallEngine;
  private readonly ownership: Ownership;
  private readonly ringing: Ringing;

  constructor(
    config: ProxyConfig,
    mesh: MeshPort,
    surroundings: { log: Logger; metrics: ProxyMetrics; tokenKeys: readonly string[] },
  ) {
    const { metrics } = surroundings;
    const bindings = config.listeners.map(({ name, bind, port, transports }) => ({
      name,
      address: bind,
      port,
      transports,
    }));
    this.transports = new Transports(bindings, {
      message: this.receive.bind(this),
      drop: (reason) => {
        metrics.drops.inc({ reason });
      },
    });
    this.context = newContext({
      ...surroundings,
      config,
      mesh,
      connections: this.transports,
      send: (flow, text, failed) => {
        if (flow.via === undefined) this.transports.send(flow, text, failed);
        else if (!this.engine.emit(flow.via, flow, text)) failed?.();
      },
      receive: this.receive.bind(this),
    });
    this.rehoming = new Rehoming(this.context);
    this.ringing = new Ringing(this.context);
    this.engine = new CallEngine(this.context, this.rehoming, (copy) => {
      this.ownership.adopt(copy);
    });
    this.ownership = new Ownership(this.context, {
      rehoming: this.rehoming,
      ringing: this.ringing,
      engine: this.engine,
    });
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
  onMesh(effect: ProgramEffect): void {
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

  /** A record that came with a forwarded message, newer than the one here. */
  take(copy: RecordCopy): void {
    this.ownership.take(copy);
  }

  async stop(): Promise<void> {
    await this.transports.close();
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
      this.context.log.error('a message could not be handled', {
        code: 'MESSAGE_FAILED',
        error: String(error),
        stack: (error as Error).stack,
      });
    }
  }

  private retryHeld(): void {
    for (const tag of this.context.held.tags()) this.engine.releaseHeld(tag);
    this.ownership.sweep();
    this.context.wheel.set(RETRY_HELD_MS, () => {
      this.retryHeld();
    });
  }
}

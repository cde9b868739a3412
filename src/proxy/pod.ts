import type { ProxyConfig } from '../api/proxy-config.ts';
import { encodeRecord } from '../dialog/snapshot.ts';
import type { ProgramEffect } from '../mesh/mesh-node.ts';
import type { Logger } from '../runtime/logger.ts';
import type { CallContext } from './calls/context.ts';
import { Drain } from './calls/drain.ts';
import { noteFailure } from './calls/failure.ts';
import { FinalByes } from './calls/final-byes.ts';
import { Handovers, type HandOver, type WantedMove } from './calls/handovers.ts';
import { CallEngine } from './calls/engine.ts';
import type { MeshPort } from './calls/mesh-port.ts';
import type { RecordCopy } from './calls/pod-message.ts';
import { newContext } from './calls/new-context.ts';
import { Ownership } from './calls/ownership.ts';
import { Rehoming } from './calls/rehoming.ts';
import { Ringing } from './calls/ringing.ts';
import { TakeoverHistory } from './calls/takeover-history.ts';
import type { TokenKeys } from './calls/token-keys.ts';
import type { Flow } from './flow.ts';
import type { ProxyMetrics } from './metrics.ts';
import { Transports } from './transport/transports.ts';

/** How often held messages are looked at again beside when an owner changes, in ms. */
const RETRY_HELD_MS = 100;

/** What a pod is made of beside its config and its mesh. */
export interface PodSurroundings {
  log: Logger;
  metrics: ProxyMetrics;
  tokenKeys: TokenKeys;
  /** Called when a takeover begins or is finished, or a handover is refused. */
  changed: () => void;
}

/** The SIP side of a pod: everything that carries calls, over one mesh. */
export class Pod {
  readonly context: CallContext;
  readonly transports: Transports;
  readonly rehoming: Rehoming;
  readonly handovers: Handovers;
  readonly history: TakeoverHistory;
  private readonly engine: CallEngine;
  private readonly ownership: Ownership;
  private readonly ringing: Ringing;

  constructor(config: ProxyConfig, mesh: MeshPort & HandOver, { changed, ...surroundings }: PodSurroundings) {
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
        // Where the pod of that socket is gone, this pod's own may reach the far end, too.
        if (flow.via === undefined || !this.engine.emit(flow.via, flow, text))
          this.transports.send(flow, text, failed);
      },
      receive: this.receive.bind(this),
    });
    this.rehoming = new Rehoming(this.context);
    this.ringing = new Ringing(this.context);
    this.handovers = new Handovers(this.context, mesh, changed);
    this.history = new TakeoverHistory(changed);
    this.engine = new CallEngine(this.context, this.rehoming, {
      adopt: (from, copy) => {
        this.ownership.adopt(from, copy);
      },
      ended: (tag, id) => {
        this.ownership.endedElsewhere(tag, id);
      },
    });
    this.ownership = new Ownership(this.context, {
      history: this.history,
      rehoming: this.rehoming,
      ringing: this.ringing,
      engine: this.engine,
    });
  }

  async start(): Promise<void> {
    await this.transports.start();
    this.ringing.start();
    this.context.targets.begin(this.context.config);
    this.retryHeld();
  }

  /** The bytes of a record that lives here, for the mesh. */
  readRecord(tag: string, key: string): Uint8Array | undefined {
    if (this.ringing.isKey(key)) return this.ringing.read(tag, key);
    const call = this.context.calls.get(key);
    return call && encodeRecord(call.record);
  }

  /** What the mesh says about tags and other pods, and what those send; never throws, since more waits behind it. */
  onMesh(effect: ProgramEffect): void {
    try {
      this.hear(effect);
    } catch (error) {
      noteFailure(this.context, 'UNCAUGHT', error);
    }
  }

  private hear(effect: ProgramEffect): void {
    switch (effect.kind) {
      case 'takenOver':
        this.ownership.takenOver(effect);
        this.handovers.settled(effect.tag, undefined);
        return;
      case 'paused':
        this.ownership.paused(effect.tag);
        return;
      case 'lost':
        this.ownership.lost(effect.tag);
        this.handovers.settled(effect.tag, effect.owner.pod);
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
        this.ownership.ownerChanged(effect.tag);
        return;
      case 'member':
        if (!effect.alive) this.buryMember(effect.pod);
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
    this.context.targets.stop();
    await this.transports.close();
  }

  /** What empties the pod before it stops; `wanted` says where tags should go. */
  drain(wanted: () => readonly WantedMove[]): Drain {
    const { context, handovers, rehoming } = this;
    const finalByes = (): FinalByes =>
      new FinalByes(context, rehoming.pace, (call) => {
        rehoming.ended(call);
      });
    return new Drain(context, { handovers, wanted, finalByes });
  }

  private buryMember(pod: string): void {
    this.context.leavers.forget(pod);
    this.ownership.memberDied(pod);
    this.engine.podDied(pod);
  }

  private receive(text: string, flow: Flow): void {
    try {
      this.engine.receive(text, flow);
    } catch (error) {
      noteFailure(this.context, 'MESSAGE_FAILED', error);
    }
  }

  private retryHeld(): void {
    // Set first: whatever happens, it comes again.
    this.context.wheel.set(RETRY_HELD_MS, () => {
      this.retryHeld();
    });
    for (const tag of this.context.held.tags()) this.engine.releaseHeld(tag);
    this.ownership.sweep();
  }
}

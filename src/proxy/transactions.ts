import {
  cancelKey,
  clientKey,
  clientKeyOf,
  createInviteClient,
  createInviteServer,
  createNonInviteClient,
  createNonInviteServer,
  serverKey,
  step,
  type ClientTransaction,
  type Effect,
  type Input,
  type ServerTransaction,
  type SipMessage,
  type TimerConfig,
  type TimerName,
} from '../sip/index.ts';
import type { TimerEntry, TimingWheel } from '../runtime/timing-wheel.ts';
import type { Flow, SendAlong } from './flow.ts';

/** What the one who sent a request wants to hear of it. */
export interface ClientUser {
  /** Every provisional, the final response, and for an INVITE each 2xx after it. */
  response(message: SipMessage): void;
  /** No final response came, or the transport could not send: 408 or 503 in RFC 3261 §8.1.3.1's terms. */
  failed(cause: 'timeout' | 'transport'): void;
}

/** A request received and not forgotten yet. */
export interface ServerHandle {
  readonly tx: ServerTransaction;
  readonly key: string;
  readonly request: SipMessage;
  readonly flow: Flow;
  /** What a CANCEL of this INVITE does; set by its user. */
  cancel?: () => void;
  /** The transaction is over; set by its user. */
  finished?: () => void;
}

/** A request sent and not forgotten yet. */
export interface ClientHandle {
  readonly tx: ClientTransaction;
  readonly key: string;
  readonly flow: Flow;
}

interface Running {
  handle: ServerHandle | ClientHandle;
  user: ClientUser | undefined;
  mayAct: (() => boolean) | undefined;
  /** Running timers and, at the same places, their names; never more than three. */
  timers: TimerEntry[];
  timerNames: TimerName[];
}

/** How a request is sent. */
export interface ClientRequest {
  text: string;
  method: string;
  branch: string;
  flow: Flow;
  /**
   * Asked before each repeat of a request of the pod's own: without the lease nothing leaves (OWNERSHIP section 4), but
   * an answer is still taken, and its absence told.
   */
  mayAct?: () => boolean;
}

/** The timers that send a request once more (RFC 3261 §17.1). */
const REPEATS: ReadonlySet<TimerName> = new Set<TimerName>(['A', 'E']);

/** All transactions of the pod: matches messages to them and performs their effects. */
export class Transactions {
  private readonly servers = new Map<string, Running>();
  private readonly clients = new Map<string, Running>();
  private readonly wheel: TimingWheel;
  private readonly timers: TimerConfig;
  private readonly send: SendAlong;
  private readonly nowMs: () => number;

  constructor(wheel: TimingWheel, timers: TimerConfig, send: SendAlong, nowMs: () => number) {
    this.wheel = wheel;
    this.timers = timers;
    this.send = send;
    this.nowMs = nowMs;
  }

  get count(): number {
    return this.servers.size + this.clients.size;
  }

  /** Gives a retransmission or a hop-by-hop ACK to its transaction; false when there is none. */
  receiveRequest(request: SipMessage): boolean {
    const running = this.findServer(serverKey(request));
    if (!running) return false;
    if (request.method === 'ACK' && running.handle.tx.state === 'accepted') return false;
    this.apply(running, { type: 'request', message: request });
    return true;
  }

  /** The INVITE that a CANCEL means (RFC 3261 §9.2). */
  findCancelled(cancel: SipMessage): ServerHandle | undefined {
    return this.findServer(cancelKey(cancel))?.handle as ServerHandle | undefined;
  }

  /** Opens a server transaction; undefined for a request without a usable Via. */
  openServer(request: SipMessage, flow: Flow): ServerHandle | undefined {
    const key = serverKey(request);
    if (key === undefined) return undefined;
    const options = { reliable: flow.transport !== 'UDP', timers: this.timers };
    const tx =
      request.method === 'INVITE' ? createInviteServer(options) : createNonInviteServer(request, options);
    const handle: ServerHandle = { tx, key, request, flow };
    const running: Running = { handle, user: undefined, mayAct: undefined, timers: [], timerNames: [] };
    this.servers.set(key, running);
    this.apply(running, { type: 'start' });
    return handle;
  }

  /** Sends a response; nothing happens when a final one was sent before. */
  respond(server: ServerHandle, status: number, text: string): void {
    const running = this.servers.get(server.key);
    if (running?.handle === server) this.apply(running, { type: 'respond', status, text });
  }

  /** Forgets a request that is not answered any more. */
  abandon(server: ServerHandle): void {
    const running = this.servers.get(server.key);
    if (running?.handle === server) this.forget(running);
  }

  /** Forgets a request whose final response is not waited for any longer, and tells its user. */
  giveUp(client: ClientHandle): void {
    const running = this.clients.get(client.key);
    if (running?.handle !== client) return;
    this.forget(running);
    running.user?.failed('timeout');
  }

  /** Gives a response to its client transaction; false when there is none. */
  receiveResponse(response: SipMessage): boolean {
    const key = clientKey(response);
    const running = key === undefined ? undefined : this.clients.get(key);
    if (!running) return false;
    this.apply(running, { type: 'response', status: response.status, message: response });
    return true;
  }

  /** Sends a request and follows it. */
  openClient(request: ClientRequest, user: ClientUser): ClientHandle {
    const options = { reliable: request.flow.transport !== 'UDP', timers: this.timers };
    const create = request.method === 'INVITE' ? createInviteClient : createNonInviteClient;
    const handle: ClientHandle = {
      tx: create(request.text, options),
      key: clientKeyOf(request.branch, request.method),
      flow: request.flow,
    };
    const running: Running = { handle, user, mayAct: request.mayAct, timers: [], timerNames: [] };
    this.clients.set(handle.key, running);
    this.apply(running, { type: 'start' });
    return handle;
  }

  private findServer(key: string | undefined): Running | undefined {
    return key === undefined ? undefined : this.servers.get(key);
  }

  private apply(running: Running, input: Input): void {
    const effects = step(running.handle.tx, input, this.nowMs());
    for (const effect of effects) this.perform(running, effect);
  }

  private perform(running: Running, effect: Effect): void {
    switch (effect.type) {
      case 'send':
        this.transmit(running, effect.text);
        return;
      case 'deliver':
        running.user?.response(effect.message);
        return;
      case 'timeout':
        running.user?.failed('timeout');
        return;
      case 'transportFailed':
        running.user?.failed('transport');
        return;
      case 'setTimer':
        this.startTimer(running, effect.timer, effect.delayMs);
        return;
      case 'clearTimer':
        this.stopTimer(running, effect.timer);
        return;
      case 'finished':
        this.forget(running);
    }
  }

  private transmit(running: Running, text: string): void {
    // Nobody waits for a response that cannot leave (RFC 6026 §8.8), so nobody asks whether it did.
    if (running.user === undefined) {
      this.send(running.handle.flow, text);
      return;
    }
    this.send(running.handle.flow, text, () => {
      this.apply(running, { type: 'transportError' });
    });
  }

  private startTimer(running: Running, timer: TimerName, delayMs: number): void {
    this.stopTimer(running, timer);
    const entry = this.wheel.set(delayMs, () => {
      this.dropTimer(running, timer);
      if (REPEATS.has(timer) && running.mayAct?.() === false) this.startTimer(running, timer, delayMs);
      else this.apply(running, { type: 'timer', timer });
    });
    running.timers.push(entry);
    running.timerNames.push(timer);
  }

  private stopTimer(running: Running, timer: TimerName): void {
    const entry = this.dropTimer(running, timer);
    if (entry) this.wheel.clear(entry);
  }

  private dropTimer(running: Running, timer: TimerName): TimerEntry | undefined {
    const at = running.timerNames.indexOf(timer);
    if (at < 0) return undefined;
    running.timerNames.splice(at, 1);
    return running.timers.splice(at, 1)[0];
  }

  private forget(running: Running): void {
    const { handle } = running;
    for (const entry of running.timers) this.wheel.clear(entry);
    running.timers.length = 0;
    running.timerNames.length = 0;
    if ('request' in handle) {
      if (this.servers.get(handle.key) === running) this.servers.delete(handle.key);
      handle.finished?.();
    } else if (this.clients.get(handle.key) === running) this.clients.delete(handle.key);
  }
}

import type { Logger } from '../runtime/logger.ts';
import type { MeshEffect, NoteCode } from '../gossip/index.ts';
import type { MeshInstruments } from './instruments.ts';
import type { LinkEnd } from './link.ts';
import { LogThrottle } from './log-throttle.ts';
import type { SealFailure } from './probe-seal.ts';

/** Notes that ask for a person's eye. */
const WARNINGS: ReadonlySet<NoteCode> = new Set<NoteCode>([
  'frame-broken',
  'voter-file-damaged',
  'not-a-voter',
  'roster-conflict',
  'standby-overrun',
  'copies-discarded',
  'record-missing',
]);
/** Notes of what was dropped. */
const DROPS: ReadonlySet<NoteCode> = new Set<NoteCode>(['probe-broken', 'probe-stranger', 'frame-broken']);

/** Says in log and metrics what happens on the mesh. */
export class MeshLog {
  readonly #log: Logger;
  readonly #metrics: MeshInstruments;
  readonly #throttle: LogThrottle;

  constructor(log: Logger, metrics: MeshInstruments, nowMs: () => number) {
    this.#log = log;
    this.#metrics = metrics;
    this.#throttle = new LogThrottle(nowMs);
  }

  effect(effect: MeshEffect): void {
    switch (effect.kind) {
      case 'member':
        this.#log.info(effect.alive ? 'member is alive' : 'member is dead', {
          peer: effect.pod,
          why: effect.reason,
        });
        return;
      case 'owner':
        this.#log.info('tag has an owner', {
          tag: effect.tag,
          epoch: effect.owner.epoch,
          owner: effect.owner.pod,
        });
        return;
      case 'lost':
        this.#log.info('tag lost', { tag: effect.tag, epoch: effect.epoch, owner: effect.owner.pod });
        return;
      case 'paused':
        this.#log.info('tag paused for its handover', {
          tag: effect.tag,
          epoch: effect.epoch,
          to: effect.to,
        });
        return;
      case 'lease':
        this.#log[effect.held ? 'info' : 'warn'](effect.held ? 'lease held' : 'lease lost', {
          tag: effect.tag,
          epoch: effect.epoch,
        });
        return;
      case 'note':
        this.#note(effect);
        return;
      default:
    }
  }

  /** A connection that never became a stream. */
  rejected(from: string, how: LinkEnd, detail: string): void {
    if (how === 'remote') return;
    this.#metrics.drops.inc({ reason: `mesh_${how}` });
    this.#warn(`rejected ${from} ${how}`, 'mesh connection failed', { peer: from, how, detail });
  }

  /** A datagram that is no probe. */
  dropped(reason: SealFailure, address: string): void {
    this.#metrics.drops.inc({ reason: `probe_${reason}` });
    this.#warn(`dropped ${address} ${reason}`, 'datagram is no probe', { peer: address, reason });
  }

  /** A probe that could not leave. */
  unsent(pod: string, code: string): void {
    this.#metrics.drops.inc({ reason: 'probe_unsent' });
    this.#warn(`unsent ${pod} ${code}`, 'probe could not be sent', { peer: pod, detail: code });
  }

  opened(pod: string, bootId: string): void {
    this.#log.info('mesh stream open', { peer: pod, peerBoot: bootId });
  }

  closed(pod: string, why: string): void {
    this.#log.info('mesh stream closed', { peer: pod, why });
  }

  saveFailed(error: Error): void {
    this.#warn('save', 'voter file cannot be written, nothing is granted', {
      code: 'VOTER_FILE',
      error: error.message,
    });
  }

  #note({ code, tag, pod, text }: Extract<MeshEffect, { kind: 'note' }>): void {
    if (DROPS.has(code)) this.#metrics.drops.inc({ reason: code.replace('-', '_') });
    const fields = { note: code, ...(tag !== '' && { tag }), ...(pod !== '' && { peer: pod }) };
    if (WARNINGS.has(code)) this.#warn(`${code} ${tag} ${pod}`, text, fields);
    else this.#log.debug(text, fields);
  }

  #warn(subject: string, text: string, fields: object): void {
    if (this.#throttle.pass(subject)) this.#log.warn(text, fields);
  }
}

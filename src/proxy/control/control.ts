import type { TlsOptions } from 'node:tls';
import { parseControlState } from '../../api/control-checks.ts';
import type { ControlReport } from '../../api/control.ts';
import type { ProgramEffect } from '../../mesh/mesh-node.ts';
import type { CallContext } from '../calls/context.ts';
import type { WantedMove } from '../calls/handovers.ts';
import { StateApplier, type SteeredPod } from './apply-state.ts';
import { ControlReports, type ReportedPod } from './control-reports.ts';
import { ControlServer, Refused } from './control-server.ts';
import { ReportFeed } from './report-feed.ts';
import type { ToldState } from './told-state.ts';
import { WantedState } from './wanted-state.ts';

/** How often a report is looked at beside when something happens, in ms. */
const LOOK_EVERY_MS = 1_000;
/** Effects of the mesh that change no more than counts. */
const COUNTED_ONLY: ReadonlySet<ProgramEffect['kind']> = new Set<ProgramEffect['kind']>([
  'acknowledged',
  'payload',
  'merged',
]);

/** A pod as an operator steers and sees it. */
export type ControlledPod = SteeredPod &
  Omit<ReportedPod, 'wanted'> & {
    readonly context: Pick<CallContext, 'wheel' | 'metrics'>;
    /** Another one at each start of the process. */
    readonly bootId: string;
    /** Keeps what the pod is told. */
    readonly told: Pick<ToldState, 'save'>;
  };

/** The operator's side of a pod: takes the state that is wanted, and tells what there is. */
export class Control {
  readonly #pod: ControlledPod;
  readonly #wanted = new WantedState();
  readonly #applier: StateApplier;
  readonly #reports: ControlReports;
  readonly #feed: ReportFeed;
  readonly #server: ControlServer;
  #stopped = false;

  constructor(pod: ControlledPod, tls: TlsOptions) {
    const { context } = pod;
    this.#pod = pod;
    this.#applier = new StateApplier(pod);
    this.#reports = new ControlReports({ ...pod, wanted: this.#wanted });
    this.#feed = new ReportFeed(context.wheel, pod.bootId, () => this.#reports.fingerprint());
    const actions = {
      put: (body: unknown) => this.#put(body),
      report: (since: string, waitMs: number) => this.#report(since, waitMs),
      stranger: () => {
        context.metrics.drops.inc({ reason: 'control_stranger' });
      },
    };
    this.#server = new ControlServer(tls, actions, context.log);
  }

  /** Where the operator wants tags of this pod to go. */
  get moves(): readonly WantedMove[] {
    return this.#wanted.current?.handOver ?? [];
  }

  /** Listens. Rejects if the address is taken. */
  async start(bind: { readonly address: string; readonly port: number }): Promise<void> {
    await this.#server.start(bind);
    this.#look();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#feed.release();
    await this.#server.stop();
  }

  /** Something happened in the mesh. */
  note({ kind }: ProgramEffect): void {
    if (!COUNTED_ONLY.has(kind)) this.#feed.touch();
  }

  /** Something else in the report may have changed. */
  touch(): void {
    this.#feed.touch();
  }

  #look(): void {
    if (this.#stopped) return;
    this.#pod.context.wheel.set(LOOK_EVERY_MS, () => {
      this.#look();
    });
    this.#feed.refresh();
  }

  #put(body: unknown): ControlReport | Refused {
    const parsed = parseControlState(body);
    if (!parsed.ok) {
      const problems = parsed.problems.map(({ path, message }) => `${path}: ${message}`);
      return new Refused(400, 'CONTROL_BODY', problems.join('; '));
    }
    const state = parsed.value;
    if (!this.#wanted.accept(state)) {
      const { term, generation } = this.#wanted;
      const known = `term ${String(term)}, generation ${String(generation)}`;
      return new Refused(409, 'CONTROL_STALE', `this pod follows ${known} already`);
    }
    this.#applier.apply(state);
    this.#pod.told.save(state);
    this.#feed.refresh();
    const { conflict, number } = this.#pod.mesh.report().roster;
    if (conflict && number === state.roster.number)
      return new Refused(409, 'CONTROL_ROSTER', `another list has the number ${String(number)}`);
    return this.#reports.report(this.#feed.version);
  }

  async #report(since: string, waitMs: number): Promise<ControlReport> {
    await this.#feed.next(since, waitMs);
    return this.#reports.report(this.#feed.version);
  }
}

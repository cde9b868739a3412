import type { ControlReport, ControlState, TakeoverReport } from '../../../src/api/control.ts';
import { memberId } from '../../../src/api/member-id.ts';
import type { ObjectMeta } from '../../../src/api/object-type.ts';
import type { TagStatus } from '../../../src/api/pod-report.ts';
import type { MeshReport, TagReport, TakenOver } from '../../../src/gossip/index.ts';
import type { ObservedPod } from '../../../src/reconcile/observed.ts';
import type { SimNode } from '../node.ts';
import type { World } from '../world.ts';
import { EPOCH_MS, rfc3339 } from './objects.ts';

/** How often a pod works at what it was told. */
const WORK_MS = 100;
/** How long a pod that is deleted lives: it relays what it handed over, and goes on voting. */
const GRACE_MS = 10_000;

/** A pod of Kubernetes: its object, its process in the mesh, and what its control API does with a state. */
export class SimPod {
  metadata: ObjectMeta & { name: string; uid: string };
  readonly nodeName: string;
  readonly member: string;
  readonly process: SimNode;
  /** Its object is no more. */
  isGone = false;
  readonly #world: World;
  readonly #gone: (pod: SimPod) => void;
  #ready = false;
  #readySinceMs: number;
  #downSinceMs: number;
  #told: { term: number; generation: number; state: ControlState } | undefined;
  #handOver: ControlState['handOver'] = [];
  readonly #takeovers: TakeoverReport[] = [];
  #boot = '';
  #deletedAtMs = Infinity;
  /** The last report of the mesh. */
  #seen: { clockMs: number; report: MeshReport } | undefined;

  constructor(world: World, metadata: SimPod['metadata'], nodeName: string, gone: (pod: SimPod) => void) {
    this.#world = world;
    this.metadata = metadata;
    this.nodeName = nodeName;
    this.member = memberId(metadata.name, metadata.uid);
    this.#gone = gone;
    this.#readySinceMs = world.nowMs;
    this.#downSinceMs = world.nowMs;
    this.process = world.add(this.member, {
      ...{ roster: { number: 0, members: [] }, tags: [], replicationFactor: 2 },
      ...{ suspectAfterMs: 1000, probeIntervalMs: 100 },
    });
  }

  /** Takes a state unless it knows a newer one; false if it does, or does not run. */
  tell(state: ControlState): boolean {
    const { process } = this;
    if (!process.running || process.mesh === undefined) return false;
    this.#forgetOldProcess();
    const told = this.#told;
    if (
      told !== undefined &&
      (state.term < told.term || (state.term === told.term && state.generation < told.generation))
    )
      return false;
    this.#told = { term: state.term, generation: state.generation, state };
    this.#handOver = state.handOver;
    const { number, members, floor } = state.roster;
    process.call((mesh, nowMs) => {
      mesh.setPeers(state.peers.map(placed), nowMs);
      mesh.setTags(state.tags, nowMs);
      mesh.adoptRoster(
        { number, members: members.map(placed), floor: new Map(Object.entries(floor)) },
        nowMs,
      );
    });
    return true;
  }

  tookOver(effect: TakenOver): void {
    const { tag, epoch, reason: claim, previous, why } = effect;
    const dialogs = this.process.records.get(tag)?.size ?? 0;
    this.#takeovers.push({
      ...{ tag, epoch, claim, from: previous?.pod ?? '', why, startedAtMs: EPOCH_MS + this.#world.nowMs },
      ...{ dialogs, rehomed: dialogs, kept: 0, lost: 0, durationMs: 50 },
    });
  }

  /** The process dies; its container is started again after a while, with its disk. */
  restart(afterMs: number): void {
    this.process.crash();
    this.#downSinceMs = this.#world.nowMs;
    this.start(afterMs);
  }

  start(afterMs: number): void {
    this.#world.network.after(afterMs, () => {
      if (this.process.process === 0 && !this.isGone) {
        this.process.start();
        this.#work();
      }
    });
  }

  /** Process and object vanish at once. */
  vanish(): void {
    if (this.isGone) return;
    this.isGone = true;
    this.process.crash();
    this.#gone(this);
  }

  /** As `kubectl delete pod` does: the process is told to stop, and hands over. */
  delete(): void {
    if (this.metadata.deletionTimestamp !== undefined) return;
    this.metadata = { ...this.metadata, deletionTimestamp: rfc3339(this.#world.nowMs) };
    this.#deletedAtMs = this.#world.nowMs;
    if (this.process.process === 0) this.vanish();
  }

  observed(sentState: string): ObservedPod {
    const up = this.process.running;
    return {
      ...{ metadata: this.metadata, nodeName: this.nodeName, podIP: this.member, phase: 'Running' },
      ...{ ready: up && this.#ready, readySinceMs: EPOCH_MS + this.#readySinceMs, restarts: 0, ended: false },
      report: up ? this.#report() : undefined,
      reportedAtMs: EPOCH_MS + this.#world.nowMs,
      unreachableSinceMs: up ? undefined : EPOCH_MS + this.#downSinceMs,
      sentState: up && this.#told !== undefined && this.#boot === this.process.boot ? sentState : '',
    };
  }

  /** A new process has been told nothing. */
  #forgetOldProcess(): void {
    if (this.#boot === this.process.boot) return;
    this.#boot = this.process.boot;
    this.#told = undefined;
    this.#handOver = [];
    this.#takeovers.length = 0;
  }

  #work(): void {
    if (this.isGone || this.process.process === 0) return;
    if (this.process.running) {
      this.#forgetOldProcess();
      this.#handOverAll();
      this.#review();
      if (this.#isDone()) {
        this.vanish();
        return;
      }
    }
    this.#world.network.after(WORK_MS, () => {
      this.#work();
    });
  }

  #isDone(): boolean {
    return this.#world.nowMs - this.#deletedAtMs > GRACE_MS;
  }

  #handOverAll(): void {
    const leaving = this.#deletedAtMs < Infinity;
    for (const { tag, standbysInSync } of this.#owned()) {
      const to = leaving ? standbysInSync[0] : this.#handOver.find((each) => each.tag === tag)?.to;
      if (to !== undefined)
        this.process.call((mesh, nowMs) => {
          mesh.handOver(tag, to, nowMs);
        });
    }
  }

  #owned(): TagReport[] {
    return this.#mesh().tags.filter(({ role }) => role === 'owner');
  }

  #review(): void {
    const { voter, majorityAlive } = this.#mesh();
    const cordoned = this.#told?.state.cordoned === true || this.#deletedAtMs < Infinity;
    const ready = voter && majorityAlive && !cordoned;
    if (ready !== this.#ready) this.#readySinceMs = this.#world.nowMs;
    this.#ready = ready;
  }

  #mesh(): MeshReport {
    const { mesh, clockMs } = this.process;
    if (mesh === undefined) throw new Error(`${this.member} does not run`);
    if (this.#seen?.clockMs !== clockMs) this.#seen = { clockMs, report: mesh.report(clockMs) };
    return this.#seen.report;
  }

  #report(): ControlReport {
    const { boot, granted, roster, tags, voterId } = this.#mesh();
    return {
      ...{ version: '', term: this.#told?.term ?? 0, generation: this.#told?.generation ?? 0, voterId },
      status: {
        ...{ pod: this.member, cluster: 'edge', role: 'proxy', boot, ready: this.#ready },
        ...{ reason: '', draining: false, roster, members: [], tags: tags.map(tagStatus) },
        ...{ dialogs: { early: 0, confirmed: 0 }, legs: { home: 0, away: 0 } },
        ...{ transactions: 0, timers: 0, heldMessages: 0 },
      },
      granted: Object.fromEntries(granted),
      dialogs: Object.fromEntries(
        tags.filter(({ role }) => role === 'owner').map((tag) => [tag.tag, tag.records]),
      ),
      ...{ ringing: 0, relaying: 0, takeovers: [...this.#takeovers], refusedHandOvers: [] },
    };
  }
}

/** The network of the simulation knows pods by their ids. */
function placed<T extends { role: string; mesh: string }>(peer: T): T {
  return peer.role === 'witness' ? peer : { ...peer, mesh: '' };
}

function tagStatus(report: TagReport): TagStatus {
  const { tag, owner, role, phase, inSync, standbys, standbysInSync, records } = report;
  return {
    ...{ tag, owner: owner?.pod ?? '', epoch: owner?.epoch ?? 0, role, acting: phase === 'active' },
    ...{ inSync, standbys, standbysInSync, copies: role === 'owner' ? 0 : records },
  };
}

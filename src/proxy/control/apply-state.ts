import type { ControlState } from '../../api/control.ts';
import type { PeerConfig, RosterConfig, TagConfig } from '../../gossip/index.ts';
import type { Advertised } from '../advertised.ts';
import type { CallContext } from '../calls/context.ts';
import type { Handovers } from '../calls/handovers.ts';
import type { Rehoming } from '../calls/rehoming.ts';

/** What an operator steers in the mesh. */
export interface SteeredMesh {
  adoptRoster(roster: RosterConfig): void;
  setPeers(peers: readonly PeerConfig[]): void;
  setTags(tags: readonly TagConfig[]): void;
}

/** The parts of a pod that a state changes. */
export interface SteeredPod {
  readonly mesh: SteeredMesh;
  readonly context: Pick<CallContext, 'routes' | 'targets' | 'credentials' | 'tags' | 'newCalls' | 'log'>;
  readonly rehoming: Pick<Rehoming, 'adjust'>;
  readonly handovers: Pick<Handovers, 'want'>;
  readonly advertised: Pick<Advertised, 'take'>;
  /** What readiness depends on. */
  readonly view: { cordon: string | undefined; readonly draining: boolean };
}

/** Makes a pod as an operator wants it; everything that is under way goes on as it began. */
export class StateApplier {
  readonly #pod: SteeredPod;
  #last: Partial<ControlState> = {};

  constructor(pod: SteeredPod) {
    this.#pod = pod;
  }

  apply(state: ControlState): void {
    this.#pod.advertised.take(state.addresses ?? {});
    this.#applyMesh(state);
    this.#applyCalls(state);
    this.#applyCordon(state);
    this.#last = state;
  }

  #applyMesh({ peers, roster, tags }: ControlState): void {
    const { mesh, context } = this.#pod;
    mesh.setPeers(peers);
    const floor = new Map(Object.entries(roster.floor));
    if (roster.number > 0) mesh.adoptRoster({ number: roster.number, members: roster.members, floor });
    context.tags.replace(tags);
    mesh.setTags(tags.map(({ tag, placement }) => ({ tag, placement })));
  }

  #applyCalls({ routes, targets, rehoming }: ControlState): void {
    const { context, rehoming: pace } = this.#pod;
    if (this.#differs({ routes, targets })) {
      context.routes.replace({ routes, targets });
      context.targets.replace({ routes, targets });
      context.credentials.replace(targets);
      context.log.info('takes new routes and targets', { routes: routes.length, targets: targets.length });
    }
    if (this.#differs({ rehoming })) pace.adjust(rehoming);
  }

  #applyCordon({ cordoned, cordonReason, handOver }: ControlState): void {
    const { context, handovers, view } = this.#pod;
    if (cordoned && view.cordon === undefined) context.log.info('is to be emptied', { why: cordonReason });
    if (!cordoned && view.cordon !== undefined) context.log.info('is to be emptied no more');
    view.cordon = cordoned ? cordonReason : undefined;
    // A pod that is told to stop empties itself, whatever is wanted of it.
    if (view.draining) return;
    context.newCalls.leaving = cordoned;
    handovers.want(handOver);
  }

  #differs(parts: Partial<ControlState>): boolean {
    const last = this.#last;
    const before = Object.keys(parts).map((key) => last[key as keyof ControlState]);
    return JSON.stringify(Object.values(parts)) !== JSON.stringify(before);
  }
}

import type { ControlPeer, ControlState } from '../api/control.ts';
import type { RosterStatus } from '../api/sip-cluster-type.ts';
import { missingTags } from './cluster-objects.ts';
import { stateDigest } from './digest.ts';
import { isCordoning, type Leaving } from './leaving.ts';
import type { Move } from './moves.ts';
import type { Step } from './plan-type.ts';
import { compareText, type PodView } from './pod-view.ts';
import type { Placement } from './standbys.ts';
import { areTargetsPending, toldTargets } from './target-addresses.ts';
import { toldAddresses } from './told-addresses.ts';
import type { World } from './world.ts';

/** What the states of all pods are made from. */
export interface StateView {
  world: World;
  leaving: ReadonlyMap<string, Leaving>;
  roster: RosterStatus | undefined;
  placements: readonly Placement[];
  moves: readonly Move[];
}

type Wish = Omit<ControlState, 'term' | 'generation'>;

/**
 * One step for each pod that answers and has not acknowledged what is wanted of it. A tag that is left out is withdrawn, so
 * that nothing is said while a DialogShard of the cluster's own is about to be made (again).
 */
export function stateSteps(view: StateView): Step[] {
  const { world } = view;
  if (missingTags(world).length > 0 || areTargetsPending(world)) return [];
  const shared = sharedState(view);
  return world.pods.flatMap((pod): Step[] => {
    if (pod.dead || !pod.reachable || pod.mesh === '') return [];
    const state = { ...shared, ...ownState(view, pod) };
    if (hasState(pod, state, world.observed.operator.term)) return [];
    return [{ type: 'sendState', pod: pod.name, uid: pod.uid, state, reason: whySent(pod, state, view) }];
  });
}

/** A process that started anew has forgotten what it acknowledged. */
function hasState({ object, report }: PodView, state: Wish, term: number): boolean {
  const isForgotten = report !== undefined && (report.generation === 0 || report.term < term);
  return !isForgotten && object.sentState === stateDigest(state);
}

type OwnState = Pick<Wish, 'handOver' | 'cordoned' | 'cordonReason' | 'addresses'>;
type SharedState = Omit<Wish, keyof OwnState>;

function sharedState({ world, roster, placements }: StateView): SharedState {
  const { routes, rehoming } = world.spec;
  return {
    roster: {
      number: roster?.number ?? 0,
      members: (roster?.members ?? []).map(({ pod, role, mesh }) => ({ pod, role, mesh })),
      floor: { ...roster?.floor },
    },
    peers: peersOf(world, roster),
    tags: placements.map(({ tag, owner, standbys }) => ({
      tag: tag.tag,
      group: tag.group,
      placement: [...(owner === undefined ? [] : [owner]), ...standbys].map((pod) => pod.member),
    })),
    routes: [...routes],
    targets: toldTargets(world),
    rehoming,
  };
}

function ownState({ world, leaving, moves }: StateView, pod: PodView): OwnState {
  const addresses = toldAddresses(world, pod);
  const found = leaving.get(pod.name);
  const cordoned = isCordoning(found);
  return {
    handOver: moves
      .filter((move) => move.from === pod && move.asked)
      .map(({ tag, to, cause, reason }) => ({ tag: tag.tag, to: to.member, cause, reason }))
      .sort((left, right) => compareText(left.tag, right.tag)),
    ...(addresses !== undefined && { addresses }),
    cordoned,
    cordonReason: cordoned && found !== undefined ? found.reason : '',
  };
}

/** Every process of the cluster that may be alive, and the operator while it votes. */
function peersOf({ pods, observed }: World, roster: RosterStatus | undefined): ControlPeer[] {
  const { operator } = observed;
  const isVoter = roster?.members.some((member) => member.pod === operator.member) === true;
  return [
    ...pods
      .filter((pod) => !pod.dead && pod.mesh !== '')
      .map(({ member, mesh, node, zone }): ControlPeer => ({ pod: member, role: 'proxy', mesh, node, zone })),
    ...(isVoter
      ? [{ pod: operator.member, role: 'witness' as const, mesh: operator.mesh, node: '', zone: '' }]
      : []),
  ];
}

function whySent({ name }: PodView, state: Wish, { roster }: StateView): string {
  if (state.handOver.length > 0) {
    const tags = state.handOver.map((each) => each.tag).join(', ');
    return `${name} is asked to hand over ${tags}: ${state.handOver[0]?.reason ?? ''}`;
  }
  if (state.cordoned) return `${name} is to be empty: ${state.cordonReason}`;
  return `${name} is told of roster ${roster?.number ?? 0}, its peers, tags, routes and pacing`;
}

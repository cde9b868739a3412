import { memberId } from '../../../src/api/member-id.ts';
import type { ControlReport, ControlState, TakeoverReport } from '../../../src/api/control.ts';
import type { ObjectMeta } from '../../../src/api/object-type.ts';
import type { ObservedNode } from '../../../src/reconcile/observed.ts';
import type { MemberStatus, TagStatus } from '../../../src/api/pod-report.ts';

type State = Omit<ControlState, 'term' | 'generation'>;

/** A pod of the simulation. */
export interface SimPod {
  metadata: ObjectMeta & { uid: string };
  node: string;
  ip: string;
  /** Ticks until its process has joined. */
  startsIn: number;
  ready: boolean;
  readySinceMs: number;
  /** A fault: the pod is not ready whatever it is told. */
  sick: boolean;
  /** A fault: its node is cut off, and this is what it said last. Its process and its kubelet hear and do nothing. */
  cutOff?: ControlReport;
  /** Another: it does not start, and this is why. `failed`: its kubelet does not take it at all. */
  broken?: { trouble: string; failed: boolean };
  state: State | undefined;
  sentState: string;
  rosterNumber: number;
  /** It has just adopted a roster, and the leases of its tags are not renewed under it yet. */
  isLeaseless?: boolean;
  granted: Record<string, number>;
  takeovers: TakeoverReport[];
  /** Ticks until a pod that is being deleted is gone. */
  goneIn: number;
}

/** What is true of a tag. */
export interface SimTag {
  owner: string;
  epoch: number;
  standbys: string[];
  inSync: string[];
  dialogs: number;
}

/** A healthy node in a zone of its own. */
export function newNode(name: string): ObservedNode {
  return {
    metadata: { name, labels: { 'topology.kubernetes.io/zone': `zone-${name}` } },
    unschedulable: false,
    taints: [],
    ready: true,
  };
}

/** Whether it is there and is not being deleted. */
export function isStaying(pod: SimPod | undefined): boolean {
  return pod !== undefined && pod.metadata.deletionTimestamp === undefined;
}

/** Its name in the mesh. */
export function memberOf({ metadata }: SimPod): string {
  return memberId(metadata.name, metadata.uid);
}

/** What a pod of the simulation says of itself. */
export function reportOf(
  pod: SimPod,
  tags: ReadonlyMap<string, SimTag>,
  pods: readonly SimPod[],
): ControlReport {
  const member = memberOf(pod);
  const own = [...tags].filter(([, tag]) => tag.owner === member);
  return {
    ...{ version: '1', term: pod.state === undefined ? 0 : 1, generation: pod.state === undefined ? 0 : 1 },
    voterId: `voter-${member}`,
    status: {
      ...{ pod: member, cluster: 'edge', role: 'proxy', boot: 'b', ready: pod.ready },
      ...{
        reason: pod.ready ? '' : 'not yet',
        draining: false,
        members: pods.filter(({ ip }) => ip !== '').map(memberStatus),
      },
      roster: { number: pod.rosterNumber, majority: 1, conflict: false },
      tags: [...tags].map(([tag, state]) => tagStatus(tag, state, pod)),
      ...{ dialogs: { early: 0, confirmed: 0 }, legs: { home: 0, away: 0 } },
      ...{ transactions: 0, timers: 0, heldMessages: 0 },
    },
    granted: pod.granted,
    dialogs: Object.fromEntries(own.map(([tag, { dialogs }]) => [tag, dialogs])),
    ...{ ringing: 0, relaying: 0, takeovers: pod.takeovers, refusedHandOvers: [] },
  };
}

function memberStatus(pod: SimPod): MemberStatus {
  const alive = pod.cutOff === undefined && pod.startsIn <= 0;
  return { pod: memberOf(pod), role: 'proxy', alive, linked: alive, voter: true };
}

function tagStatus(tag: string, { owner, epoch, standbys, inSync }: SimTag, pod: SimPod): TagStatus {
  const member = memberOf(pod);
  const isOwner = owner === member;
  return {
    ...{ tag, owner, epoch, copies: 0 },
    role: isOwner ? 'owner' : standbys.includes(member) ? 'standby' : 'none',
    acting: isOwner && pod.isLeaseless !== true,
    inSync: isOwner || inSync.includes(member),
    standbys: isOwner ? standbys : [],
    standbysInSync: isOwner ? inSync : [],
  };
}

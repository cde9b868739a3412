import type { ContainerStatus, Pod, PodCondition } from '../../kube/objects.ts';

export type PodStatusBody = NonNullable<Pod['status']>;

/** What the kubelet knows of a pod. */
export interface PodState {
  container: ContainerStatus['state'];
  lastState?: ContainerStatus['state'];
  restartCount: number;
  ready: boolean;
  /** The container is started again when it ends. */
  restarts: boolean;
  podIP?: string;
  hostIP: string;
  /** RFC 3339: when the kubelet took the pod. */
  startTime: string;
}

const OWN_CONDITIONS: readonly string[] = ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'];

/** The status of a pod. Times of conditions that did not change are those of the status `before`. */
export function podStatusOf(
  pod: Pod,
  state: PodState,
  now: string,
  before: PodStatusBody = pod.status ?? {},
): PodStatusBody {
  const [container] = pod.spec.containers;
  const others = (pod.status?.conditions ?? []).filter(({ type }) => !OWN_CONDITIONS.includes(type));
  const { podIP, hostIP, startTime } = state;
  const own = conditionsOf(state, container?.name ?? '').map((condition) =>
    withTransition(condition, before.conditions ?? [], now),
  );
  return {
    phase: phaseOf(state),
    conditions: [...own, ...others],
    hostIP,
    hostIPs: [{ ip: hostIP }],
    ...(podIP === undefined ? {} : { podIP, podIPs: [{ ip: podIP }] }),
    // The API server's own, which stays.
    ...(pod.status?.qosClass === undefined ? {} : { qosClass: pod.status.qosClass }),
    startTime,
    containerStatuses: container === undefined ? [] : [containerStatusOf(container, state)],
  };
}

function phaseOf({ container, lastState, restarts }: PodState): NonNullable<PodStatusBody['phase']> {
  if (container.running !== undefined) return 'Running';
  if (container.terminated === undefined) return lastState === undefined ? 'Pending' : 'Running';
  if (restarts) return 'Running';
  return container.terminated.exitCode === 0 ? 'Succeeded' : 'Failed';
}

function containerStatusOf(
  { name, image }: Pod['spec']['containers'][number],
  { container, lastState, ready, restartCount }: PodState,
): ContainerStatus {
  return {
    name,
    image,
    imageID: '',
    ready,
    restartCount,
    started: container.running !== undefined,
    state: container,
    ...(lastState === undefined ? {} : { lastState }),
  };
}

function conditionsOf(state: PodState, name: string): PodCondition[] {
  const whole: PodCondition = { type: 'Initialized', status: 'True' };
  const ready = readyCondition(state, name);
  return [
    whole,
    { type: 'Ready', ...ready },
    { type: 'ContainersReady', ...ready },
    { type: 'PodScheduled', status: 'True' },
  ];
}

function readyCondition(state: PodState, name: string): Omit<PodCondition, 'type'> {
  if (state.ready) return { status: 'True' };
  const phase = phaseOf(state);
  if (phase === 'Succeeded') return { status: 'False', reason: 'PodCompleted' };
  if (phase === 'Failed') return { status: 'False', reason: 'PodFailed' };
  const message = `containers with unready status: [${name}]`;
  return { status: 'False', reason: 'ContainersNotReady', message };
}

function withTransition(condition: PodCondition, before: readonly PodCondition[], now: string): PodCondition {
  const old = before.find(({ type }) => type === condition.type);
  const same = old?.status === condition.status && old.lastTransitionTime !== undefined;
  return { ...condition, lastTransitionTime: same ? (old.lastTransitionTime ?? now) : now };
}

import type { ContainerStatus, Pod } from '../kube/objects.ts';

/** Of a message, which may list all nodes. */
const MOST_CHARACTERS = 300;

/** Reasons of a kubelet that has no image to start; they take turns while it tries again. */
const IMAGE_REASONS: readonly string[] = [
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
  'RegistryUnavailable',
];

/** Reasons that only say that it takes a moment. */
const PASSING_REASONS: readonly string[] = ['ContainerCreating', 'PodInitializing'];

/**
 * Why a pod does not run, by the scheduler's or its kubelet's word; undefined if neither has one. It is the same from one try to
 * the next, since it is written to a status.
 */
export function podTrouble({ status }: Pod): string | undefined {
  if (status === undefined) return undefined;
  if (status.phase === 'Failed') return failure(status);
  const scheduled = status.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False') return said('it has no node', scheduled.message);
  return status.containerStatuses?.map(containerTrouble).find((trouble) => trouble !== undefined);
}

function failure({ reason, message }: NonNullable<Pod['status']>): string | undefined {
  return reason === undefined ? undefined : said(reason, message);
}

function containerTrouble({ ready, image = '', state, lastState }: ContainerStatus): string | undefined {
  const { reason = '', message } = state.waiting ?? {};
  if (IMAGE_REASONS.includes(reason)) return `its image ${image} cannot be pulled`;
  const ended = state.terminated ?? lastState?.terminated;
  if (!ready && ended !== undefined) return `its container ended with exit code ${ended.exitCode}`;
  return reason === '' || PASSING_REASONS.includes(reason) ? undefined : said(reason, message);
}

function said(what: string, why: string | undefined): string {
  return (why === undefined || why === '' ? what : `${what}: ${why}`).slice(0, MOST_CHARACTERS);
}

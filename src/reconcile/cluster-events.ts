import { eventTypeOf, type EventReason } from '../api/event-reasons.ts';
import type { Condition } from '../api/object-type.ts';
import type { ClusterPodStatus, SipClusterStatus } from '../api/sip-cluster-type.ts';
import type { ClusterStatus } from './cluster-status.ts';
import { conditionIn } from './conditions.ts';
import { isDisagreement } from './evidence.ts';
import type { Observed } from './observed.ts';
import type { EventSubject, Step } from './plan-type.ts';
import type { RosterPlan } from './rosters.ts';

/** The step that says an Event; its note is the reason of the step. */
export function eventStep(about: EventSubject, eventReason: EventReason, note: string): Step {
  return { type: 'event', about, eventType: eventTypeOf(eventReason), eventReason, note, reason: note };
}

/** The Event of a roster that is stored by this plan. */
export function rosterEvents(about: EventSubject, { roster, store }: RosterPlan): Step[] {
  if (roster === undefined || store === undefined || store.kind === 'adopted') return [];
  const note = `roster ${roster.number} of ${roster.members.length} voters: ${store.reason}`;
  return [eventStep(about, store.kind === 'reset' ? 'RosterReset' : 'RosterIssued', note)];
}

/** What the new status says that the one before did not. */
export function clusterEvents(observed: Observed, after: ClusterStatus): Step[] {
  const { metadata, status: before } = observed.cluster;
  const about: EventSubject = { kind: 'SipCluster', name: metadata.name, uid: metadata.uid ?? '' };
  return [
    ...specEvents(about, before, after),
    ...scaleEvents(about, observed, after),
    ...rolloutEvents(about, before, after),
    ...quorumEvents(about, before, after),
    ...pauseEvents(about, before, after),
    ...referenceEvents(about, before, after),
    ...ghostEvents(about, before, after),
    ...podEvents(before, after),
  ];
}

function specEvents(about: EventSubject, before: SipClusterStatus | undefined, after: ClusterStatus): Step[] {
  const [was, is] = [before, after].map((each) => conditionIn(each?.conditions, 'Accepted'));
  if (is?.status === 'False')
    return is.message === was?.message ? [] : [eventStep(about, 'SpecRejected', is.message)];
  const generation = after.accepted?.generation;
  if (generation === undefined || generation === before?.accepted?.generation) return [];
  return [eventStep(about, 'SpecAccepted', `generation ${generation} of the spec is in force`)];
}

function scaleEvents(about: EventSubject, { cluster }: Observed, after: ClusterStatus): Step[] {
  const was = cluster.accepted?.spec.replicas;
  const is = cluster.spec?.replicas;
  if (was === undefined || is === undefined || was === is) return [];
  if (after.accepted?.generation === cluster.status?.accepted?.generation) return [];
  if (is > was) return [eventStep(about, 'ScaledOut', `${is} pods are wanted instead of ${was}`)];
  const going = after.pods.filter((pod) => pod.cause === 'ScaleIn').map((pod) => pod.name);
  const names = going.length === 0 ? '' : `; ${going.join(', ')} go`;
  return [eventStep(about, 'ScaledIn', `${is} pods are wanted instead of ${was}${names}`)];
}

function rolloutEvents(
  about: EventSubject,
  before: SipClusterStatus | undefined,
  after: ClusterStatus,
): Step[] {
  const [was, is] = [before?.pods, after.pods].map(
    (pods) => pods?.filter((pod) => pod.outdated === true).length ?? 0,
  );
  if (before === undefined || was === undefined || is === undefined) return [];
  const [wasStuck, isStuck] = [before, after].map(stuckFinding);
  if (isStuck !== undefined && wasStuck === undefined)
    return [eventStep(about, 'RolloutStuck', isStuck.message)];
  if (was === 0 && is > 0)
    return [eventStep(about, 'RolloutStarted', `${is} pods were made from an older template`)];
  return was > 0 && is === 0
    ? [eventStep(about, 'RolloutFinished', 'all pods are of the present template')]
    : [];
}

function stuckFinding(status: Pick<SipClusterStatus, 'conditions'>): Condition | undefined {
  const found = conditionIn(status.conditions, 'UpToDate');
  return found?.reason === 'RolloutStuck' ? found : undefined;
}

function quorumEvents(
  about: EventSubject,
  before: SipClusterStatus | undefined,
  after: ClusterStatus,
): Step[] {
  const [was, is] = [before, after].map((each) => conditionIn(each?.conditions, 'Quorum'));
  const wasLost = was?.reason === 'MajorityLost';
  const isLost = is?.reason === 'MajorityLost';
  if (is === undefined || wasLost === isLost) return [];
  return [eventStep(about, isLost ? 'QuorumLost' : 'QuorumRegained', is.message)];
}

function referenceEvents(
  about: EventSubject,
  before: SipClusterStatus | undefined,
  after: ClusterStatus,
): Step[] {
  const [was, is] = [before, after].map((each) => conditionIn(each?.conditions, 'ReferencesFound'));
  if (is?.status !== 'False' || is.message === was?.message) return [];
  return [eventStep(about, 'ReferenceMissing', is.message)];
}

function pauseEvents(
  about: EventSubject,
  before: SipClusterStatus | undefined,
  after: ClusterStatus,
): Step[] {
  const [was, is] = [before, after].map((each) => conditionIn(each?.conditions, 'Moving'));
  const wasPaused = was?.reason === 'OperatorPaused';
  if (is === undefined || wasPaused === (is.reason === 'OperatorPaused')) return [];
  return [
    wasPaused
      ? eventStep(about, 'Resumed', 'the operator acts again')
      : eventStep(about, 'Paused', is.message),
  ];
}

/** What is said of pods that are there is said about these. */
function ghostEvents(
  about: EventSubject,
  before: SipClusterStatus | undefined,
  after: ClusterStatus,
): Step[] {
  const [was, is] = [before, after].map((each) => conditionIn(each?.conditions, 'EvidenceAgrees'));
  if (was?.status !== 'Unknown' || is?.status !== 'False') return [];
  return [eventStep(about, 'EvidenceDisagrees', is.message)];
}

function podEvents(before: SipClusterStatus | undefined, after: ClusterStatus): Step[] {
  const was = before?.pods ?? [];
  const gone = was.filter((pod) => pod.phase !== 'Leaving' && pod.phase !== 'Dead' && !has(after.pods, pod));
  return [
    ...gone.map((pod) => eventStep(podSubject(pod), 'PodDied', `${pod.name} is gone`)),
    ...after.pods.flatMap((pod) =>
      podEvent(
        was.find((each) => each.uid === pod.uid),
        pod,
      ),
    ),
  ];
}

function has(pods: readonly ClusterPodStatus[], { uid }: ClusterPodStatus): boolean {
  return pods.some((pod) => pod.uid === uid);
}

function podSubject({ name, uid }: ClusterPodStatus): EventSubject {
  return { kind: 'Pod', name, uid };
}

function podEvent(was: ClusterPodStatus | undefined, pod: ClusterPodStatus): Step[] {
  const about = podSubject(pod);
  const isNew = (holds: (status: ClusterPodStatus) => boolean): boolean =>
    holds(pod) && (was === undefined || !holds(was));
  if (isNew(({ phase }) => phase === 'Dead'))
    return isOrderlyEnd(was) ? [] : [eventStep(about, 'PodDied', `${pod.name}: ${pod.reason}`)];
  if (isNew(({ reason }) => isDisagreement(reason)))
    return [eventStep(about, 'EvidenceDisagrees', `${pod.name}: ${pod.reason}`)];
  return cause(pod) === cause(was) ? [] : causeEvents(about, was, pod);
}

/** A pod that was emptied before it ended did what it was told. */
function isOrderlyEnd(was: ClusterPodStatus | undefined): boolean {
  return was?.phase === 'Leaving' && was.shards === 0;
}

function causeEvents(about: EventSubject, was: ClusterPodStatus | undefined, pod: ClusterPodStatus): Step[] {
  const is = cause(pod);
  if (is === 'PodUnready' || is === 'PodCordoned' || is === 'NodeCordoned')
    return [eventStep(about, is, pod.reason)];
  const wasCordoned = cause(was) === 'PodCordoned' || cause(was) === 'NodeCordoned';
  if (is !== undefined || !wasCordoned) return [];
  return [eventStep(about, 'PodUncordoned', `${pod.name} takes calls again`)];
}

function cause(pod: ClusterPodStatus | undefined): ClusterPodStatus['cause'] {
  return pod?.cause;
}

import type { RosterStatus } from '../api/sip-cluster-type.ts';
import type { Finding } from './conditions.ts';
import { disagreement, isLost } from './evidence.ts';
import type { Places } from './goal.ts';
import { ghosts, ghostStatus } from './ghosts.ts';
import { isActing } from './lease-gap.ts';
import { unsettled, type Move } from './moves.ts';
import { refusalText, troubleOf } from './pod-trouble.ts';
import type { PodView } from './pod-view.ts';
import { isLive, majorityOf } from './roster-view.ts';
import { rolloutFinding } from './rollout-finding.ts';
import { spreadFinding } from './spread-finding.ts';
import { missingReferences } from './references.ts';
import { possibleStandbys } from './standbys.ts';
import type { World } from './world.ts';

/** Tags that a message names before it only counts the rest. */
const NAMED_TAGS = 5;

/** What the conditions are found from. */
export interface ConditionView {
  world: World;
  places: Places;
  roster: RosterStatus | undefined;
  moves: readonly Move[];
  /** Problems of the newest spec; '' if it is in force. */
  rejected: string;
  paused: string | undefined;
}

/** The conditions of a SipCluster whose pods run on some spec. */
export function clusterFindings(view: ConditionView): Finding[] {
  return [
    acceptedFinding(view),
    readyFinding(view),
    protectedFinding(view),
    quorumFinding(view),
    movingFinding(view),
    nodesFinding(view),
    referencesFinding(view),
    evidenceFinding(view),
    rolloutFinding(view.world),
    spreadFinding(view.world, view.roster),
  ];
}

/** Whether the newest spec is in force. */
export function acceptedFinding({ rejected }: Pick<ConditionView, 'rejected'>): Finding {
  if (rejected === '')
    return { type: 'Accepted', status: 'True', reason: 'AsDesired', message: 'the spec is in force' };
  return { type: 'Accepted', status: 'False', reason: 'SpecInvalid', message: rejected };
}

function readyFinding({ world }: ConditionView): Finding {
  const { spec, pods, tags } = world;
  const living = pods.filter((pod) => !pod.dead && !pod.terminating && !isLost(pod, world));
  const ready = living.filter((pod) => pod.ready).length;
  const unowned = tags.filter((tag) => !isActing(tag, world)).map((tag) => tag.tag);
  const counted = `${ready} of ${spec.replicas} pods are ready`;
  const not = (reason: Finding['reason'], message: string): Finding => ({
    ...{ type: 'Ready', status: 'False', reason, message },
  });
  const why = (texts: readonly string[]): string => (texts.length === 0 ? '' : `; ${listed(texts)}`);
  if (living.length < spec.replicas)
    return not('PodsMissing', `${living.length} of ${spec.replicas} pods are there${why(absences(world))}`);
  if (ready < spec.replicas)
    return not(
      living.some((pod) => !pod.joined) ? 'PodsStarting' : 'PodsUnready',
      `${counted}${why(living.flatMap(troubleText))}`,
    );
  if (unowned.length > 0 || tags.length === 0)
    return not(
      'TagsUnowned',
      unowned.length > 0 ? `no pod acts for ${listed(unowned)}` : 'there are no tags',
    );
  return { type: 'Ready', status: 'True', reason: 'AsDesired', message: `${spec.replicas} pods take calls` };
}

/** Why pods that are wanted are not there. */
function absences(world: World): string[] {
  const refusal = refusalText(world);
  const failed = world.pods.filter((pod) => pod.dead).flatMap(troubleText);
  return refusal === undefined ? failed : [refusal, ...failed];
}

function troubleText(pod: PodView): string[] {
  const trouble = pod.ready ? undefined : troubleOf(pod);
  return trouble === undefined ? [] : [`${pod.name}: ${trouble}`];
}

function protectedFinding({ world, places }: ConditionView): Finding {
  const wanted = possibleStandbys(world, places);
  if (wanted === 0) {
    const message = 'there is no second pod to hold copies, or none are wanted';
    return { type: 'Protected', status: 'False', reason: 'NoStandbyPossible', message };
  }
  const short = world.tags.filter((tag) => tag.standbysInSync.length < wanted).map((tag) => tag.tag);
  if (short.length === 0) {
    const message = `every tag has ${wanted} copies in sync beside its owner`;
    return { type: 'Protected', status: 'True', reason: 'AsDesired', message };
  }
  const message = `fewer than ${wanted} copies are in sync of ${listed(short)}`;
  return { type: 'Protected', status: 'False', reason: 'StandbysMissing', message };
}

function quorumFinding({ world, roster }: ConditionView): Finding {
  if (roster === undefined)
    return { type: 'Quorum', status: 'False', reason: 'RosterMissing', message: 'no roster was issued yet' };
  const live = roster.members.filter((member) => isLive(world, member)).length;
  const message = `${live} of ${roster.members.length} voters of roster ${roster.number} are alive`;
  if (live < majorityOf(roster.members))
    return { type: 'Quorum', status: 'False', reason: 'MajorityLost', message };
  if (roster.adoptedAt === undefined)
    return { type: 'Quorum', status: 'Unknown', reason: 'RosterPending', message };
  return { type: 'Quorum', status: 'True', reason: 'AsDesired', message };
}

function movingFinding({ world, moves, paused }: ConditionView): Finding {
  if (paused !== undefined) {
    const message = `sip.rehome.dev/paused is set${paused === '' ? '' : `: ${paused}`}`;
    return { type: 'Moving', status: 'Unknown', reason: 'OperatorPaused', message };
  }
  if (moves.length > 0) {
    const message = listed(moves.map(({ tag, from, to }) => `${tag.tag} from ${from.name} to ${to.name}`));
    return { type: 'Moving', status: 'True', reason: 'MovingTags', message };
  }
  const rehoming = unsettled(world).map((tag) => tag.tag);
  if (rehoming.length > 0)
    return {
      type: 'Moving',
      status: 'True',
      reason: 'RehomingCalls',
      message: `calls of ${listed(rehoming)}`,
    };
  return { type: 'Moving', status: 'False', reason: 'NothingMoves', message: 'no tag moves' };
}

function nodesFinding({ world }: ConditionView): Finding {
  const { nodesHidden } = world.observed;
  if (nodesHidden === undefined)
    return { type: 'NodesVisible', status: 'True', reason: 'AsDesired', message: 'nodes are seen' };
  const message = `cordons, taints and health of nodes are not seen: ${nodesHidden}`;
  return { type: 'NodesVisible', status: 'False', reason: 'NodesForbidden', message };
}

function referencesFinding({ world }: ConditionView): Finding {
  const problems = missingReferences(world);
  if (problems.length === 0)
    return { type: 'ReferencesFound', status: 'True', reason: 'AsDesired', message: 'nothing is missing' };
  return { type: 'ReferencesFound', status: 'False', reason: 'ReferencesMissing', message: listed(problems) };
}

function evidenceFinding({ world }: ConditionView): Finding {
  const doubts = world.pods.flatMap((pod) => {
    const doubt = pod.dead ? undefined : disagreement(pod, world);
    return doubt === undefined ? [] : [`${pod.name}: ${doubt}`];
  });
  const gone = ghosts(world).map(
    (member) => `${member}: its object is gone, other pods say that it is alive`,
  );
  const type = 'EvidenceAgrees';
  if (doubts.length === 0 && gone.length > 0)
    return { type, status: ghostStatus(world), reason: 'EvidenceDisagrees', message: listed(gone) };
  if (doubts.length === 0)
    return { type, status: 'True', reason: 'AsDesired', message: 'nobody is in doubt' };
  return { type, status: 'False', reason: 'EvidenceDisagrees', message: listed([...doubts, ...gone]) };
}

/** Names, the first few of them. */
function listed(names: readonly string[]): string {
  const more = names.length - NAMED_TAGS;
  return `${names.slice(0, NAMED_TAGS).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

import { tagHash } from '../../dialog/token.ts';
import type { MeshPort } from './mesh-port.ts';
import type { Tags } from './tags.ts';

/** How long a pod that is to be emptied goes on with new calls of its own, in ms: until its callers know (DESIGN section 8). */
export const LEAVING_GRACE_MS = 3_000;

/** Where a new call belongs: here, at another pod for a tag of that, later to a tag that is on its way, or nowhere. */
export type Place =
  | { kind: 'here' }
  | { kind: 'pod'; pod: string; tag: string }
  | { kind: 'later'; tag: string }
  | { kind: 'nowhere' };

/** What finding a place needs of a pod. */
interface PlaceContext {
  readonly mesh: MeshPort;
  readonly pod: string;
  readonly tags: Tags;
  readonly monotonicMs: () => number;
}

/** Finds the tag and the pod of each new call. */
export class NewCalls {
  private readonly context: PlaceContext;
  /** New calls are refused: nobody could go on with them. */
  closed = false;
  private leavingSinceMs = Infinity;
  private lastTag = 0;

  constructor(context: PlaceContext) {
    this.context = context;
  }

  /** Whether this pod is to be emptied: after 3 s its new calls are for others, if there are any. */
  set leaving(leaving: boolean) {
    if (!leaving) this.leavingSinceMs = Infinity;
    else if (this.leavingSinceMs === Infinity) this.leavingSinceMs = this.context.monotonicMs();
  }

  /** Whether this pod is to be emptied, and has been for long enough that its callers know. */
  isEmptied(): boolean {
    return this.context.monotonicMs() - this.leavingSinceMs >= LEAVING_GRACE_MS;
  }

  /** Whether who probes this pod should call elsewhere: not before its Service has let go of it, and not if it is the only one. */
  turnsAway(): boolean {
    const { mesh, pod } = this.context;
    return this.closed || (this.isEmptied() && mesh.alivePods().some((other) => other !== pod));
  }

  /** Where a call of this group belongs; a repeat of its INVITE goes to the same pod. `handed`: another pod sent it here. */
  place(group: string, callId: string, handed: boolean): Place {
    if (this.closed) return { kind: 'nowhere' };
    const owns = this.owned(group).length > 0;
    if (owns && (handed || !this.isEmptied())) return { kind: 'here' };
    const others = this.othersWith(group);
    const other = others[parseInt(tagHash(callId), 16) % others.length];
    if (other !== undefined) return { kind: 'pod', ...other };
    if (owns) return { kind: 'here' };
    const tag = this.settling(group);
    return tag === undefined ? { kind: 'nowhere' } : { kind: 'later', tag };
  }

  /** The tag of a new call: the group's tags of this pod in turn, those under a lease first. */
  nextTag(group: string): string | undefined {
    if (this.closed) return undefined;
    const { mesh } = this.context;
    const owned = this.owned(group);
    this.lastTag = (this.lastTag + 1) % Math.max(1, owned.length);
    const inTurn = owned[this.lastTag];
    if (inTurn !== undefined && mesh.mayAct(inTurn)) return inTurn;
    return owned.find((tag) => mesh.mayAct(tag)) ?? inTurn;
  }

  private owned(group: string): string[] {
    const { mesh, tags } = this.context;
    return mesh.ownedTags().filter((tag) => tags.groupOf(tag) === group);
  }

  /** Tags of the group that other living pods own. */
  private othersWith(group: string): { pod: string; tag: string }[] {
    const { mesh, pod, tags } = this.context;
    const alive = new Set(mesh.alivePods());
    return tags
      .inGroup(group)
      .map((tag) => ({ tag, pod: mesh.ownerOf(tag)?.pod ?? pod }))
      .filter((owned) => owned.pod !== pod && alive.has(owned.pod));
  }

  /** A tag of the group that nobody can use at the moment: it is being handed over, or taken over from a dead pod. */
  private settling(group: string): string | undefined {
    const { mesh, pod, tags } = this.context;
    return tags.inGroup(group).find((tag) => {
      const owner = mesh.ownerOf(tag)?.pod;
      return owner === pod ? !mesh.isReady(tag) : owner !== undefined && !mesh.isAlive(owner);
    });
  }
}

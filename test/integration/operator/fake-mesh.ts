import type { ControlReport, ControlRoster, ControlState, TakeoverReport } from '../../../src/api/control.ts';
import type { TagStatus } from '../../../src/api/pod-report.ts';

const SYNC_MS = 40;
const SETTLE_MS = 60;

/** A process of the fake mesh. */
export interface FakeMember {
  readonly member: string;
  readonly boot: string;
  state: ControlState | undefined;
  roster: ControlRoster;
  draining: boolean;
  takeovers: TakeoverReport[];
}

interface FakeTag {
  owner: string;
  boot: string;
  epoch: number;
  /** Member id to when it became a standby. */
  standbys: Map<string, number>;
  dialogs: number;
}

/** The mesh by its outcomes: one owner a tag, majorities, standbys that come to be in sync, handovers that take a moment. */
export class FakeMesh {
  readonly tags: Map<string, FakeTag> = new Map<string, FakeTag>();
  readonly members: Map<string, FakeMember> = new Map<string, FakeMember>();
  /** Every takeover ever, in order. */
  readonly history: TakeoverReport[] = [];
  /** Dialogs that a tag has from its first owner on. */
  readonly load: Record<string, number> = {};

  /** Brings everything one step further; returns whether anything changed. */
  step(nowMs: number): boolean {
    const before = JSON.stringify([...this.members.values()].map((each) => this.report(each, nowMs)));
    this.#spreadRosters();
    for (const tag of this.#tagNames()) this.#stepTag(tag, nowMs);
    for (const each of this.members.values()) for (const takeover of each.takeovers) settle(takeover, nowMs);
    return before !== JSON.stringify([...this.members.values()].map((each) => this.report(each, nowMs)));
  }

  isReady(each: FakeMember): boolean {
    const { state, roster } = each;
    const isVoter = roster.members.some(({ pod }) => pod === each.member);
    return state !== undefined && isVoter && !state.cordoned && !each.draining;
  }

  report(each: FakeMember, nowMs: number): Omit<ControlReport, 'version'> {
    const tags = (each.state?.tags ?? []).map(({ tag }) => this.#tagStatus(each, tag, nowMs));
    const own = [...this.tags].filter(([, { owner, boot }]) => owner === each.member && boot === each.boot);
    const isReady = this.isReady(each);
    return {
      term: each.state?.term ?? 0,
      generation: each.state?.generation ?? 0,
      voterId: `voter-${each.member}`,
      status: {
        ...{ pod: each.member, cluster: 'edge', role: 'proxy', boot: each.boot },
        ready: isReady,
        reason: isReady ? '' : 'not ready in the test',
        draining: each.draining,
        roster: {
          number: each.roster.number,
          majority: Math.floor(each.roster.members.length / 2) + 1,
          conflict: false,
        },
        members: each.roster.members.map(({ pod, role }) => {
          const alive = role === 'witness' || this.members.has(pod);
          return { pod, role, alive, linked: alive, voter: alive };
        }),
        tags,
        dialogs: { early: 0, confirmed: own.reduce((sum, [, { dialogs }]) => sum + dialogs, 0) },
        ...{ legs: { home: 0, away: 0 }, transactions: 0, timers: 0, heldMessages: 0 },
      },
      granted: Object.fromEntries([...this.tags].map(([tag, { epoch }]) => [tag, epoch])),
      dialogs: Object.fromEntries(own.map(([tag, { dialogs }]) => [tag, dialogs])),
      ringing: 0,
      relaying: 0,
      takeovers: each.takeovers.map((takeover) => ({ ...takeover })),
      refusedHandOvers: [],
    };
  }

  /** A voter takes a newer roster from any peer. */
  #spreadRosters(): void {
    const rosters = [...this.members.values()].flatMap(({ roster, state }) => [
      roster,
      ...(state ? [state.roster] : []),
    ]);
    const newest = rosters.sort((left, right) => right.number - left.number)[0];
    if (newest === undefined) return;
    for (const each of this.members.values()) each.roster = newest;
  }

  #tagNames(): string[] {
    return [
      ...new Set(
        [...this.members.values()].flatMap(({ state }) => (state?.tags ?? []).map(({ tag }) => tag)),
      ),
    ];
  }

  #voters(): FakeMember[] {
    return [...this.members.values()].filter(
      (each) => each.state !== undefined && each.roster.members.some(({ pod }) => pod === each.member),
    );
  }

  #hasMajority(): boolean {
    const roster = this.#voters()[0]?.roster.members ?? [];
    const alive = roster.filter(({ pod, role }) => role === 'witness' || this.members.has(pod));
    return roster.length > 0 && alive.length > roster.length / 2;
  }

  #stepTag(tag: string, nowMs: number): void {
    if (!this.#hasMajority()) return;
    const known = this.tags.get(tag);
    const owner = known && this.#owner(known);
    if (known === undefined) this.#claimVacant(tag, nowMs);
    else if (owner === undefined) this.#claimDead(tag, known, nowMs);
    else this.#stepOwned(tag, known, owner, nowMs);
  }

  #owner({ owner, boot }: FakeTag): FakeMember | undefined {
    const each = this.members.get(owner);
    return each?.boot === boot ? each : undefined;
  }

  #claimVacant(tag: string, nowMs: number): void {
    const voters = this.#voters().filter(({ draining }) => !draining);
    const wished = voters[0]?.state?.tags.find((each) => each.tag === tag)?.placement[0];
    const to = voters.find(({ member }) => member === wished) ?? voters[0];
    const epoch = (voters[0]?.roster.floor[tag] ?? 0) + 1;
    if (to !== undefined) this.#take(tag, to, { claim: 'vacant', from: '', epoch, why: 'no owner', nowMs });
  }

  #claimDead(tag: string, known: FakeTag, nowMs: number): void {
    const voters = this.#voters().filter(({ draining }) => !draining);
    const to = voters.find(({ member }) => known.standbys.has(member)) ?? voters[0];
    const floor = voters[0]?.roster.floor[tag] ?? 0;
    const epoch = Math.max(known.epoch, floor) + 1;
    const why = `${known.owner} is dead`;
    if (to === undefined) return;
    if (!known.standbys.has(to.member)) known.dialogs = 0;
    this.#take(tag, to, { claim: 'dead', from: known.owner, epoch, why, nowMs });
  }

  #stepOwned(tag: string, known: FakeTag, owner: FakeMember, nowMs: number): void {
    this.#followWish(tag, known, owner, nowMs);
    const order = owner.state?.handOver.find((each) => each.tag === tag);
    const inSync = this.#inSync(known, nowMs).filter(
      (member) => this.members.get(member)?.draining === false,
    );
    const target = owner.draining ? inSync[0] : inSync.find((member) => member === order?.to);
    const to = this.members.get(target ?? '');
    if (to === undefined) return;
    const why = order?.reason ?? 'the owner drains';
    this.#take(tag, to, { claim: 'handover', from: owner.member, epoch: known.epoch + 1, why, nowMs });
  }

  #followWish(tag: string, { standbys }: FakeTag, owner: FakeMember, nowMs: number): void {
    const placement = owner.state?.tags.find((each) => each.tag === tag)?.placement ?? [];
    const others = placement.filter((member) => member !== owner.member && this.members.has(member));
    for (const member of standbys.keys()) if (!others.includes(member)) standbys.delete(member);
    for (const member of others) if (!standbys.has(member)) standbys.set(member, nowMs);
  }

  #inSync({ standbys }: FakeTag, nowMs: number): string[] {
    return [...standbys].filter(([, sinceMs]) => nowMs - sinceMs >= SYNC_MS).map(([member]) => member);
  }

  #take(
    tag: string,
    to: FakeMember,
    how: Pick<TakeoverReport, 'claim' | 'from' | 'epoch' | 'why'> & { nowMs: number },
  ): void {
    const known = this.tags.get(tag);
    const dialogs = known?.dialogs ?? this.load[tag] ?? 0;
    const { nowMs, ...rest } = how;
    const standbys = new Map(known?.standbys);
    const former = known && this.#owner(known);
    standbys.delete(to.member);
    if (former !== undefined && former !== to) standbys.set(former.member, nowMs - SYNC_MS);
    this.tags.set(tag, { owner: to.member, boot: to.boot, epoch: how.epoch, standbys, dialogs });
    const takeover = { tag, ...rest, startedAtMs: nowMs, dialogs, rehomed: 0, kept: 0, lost: 0 };
    to.takeovers.push(takeover);
    this.history.push(takeover);
  }

  #tagStatus(each: FakeMember, tag: string, nowMs: number): TagStatus {
    const known = this.tags.get(tag);
    const nobody = { owner: '', epoch: 0, role: 'none', acting: false, inSync: false, copies: 0 } as const;
    if (known === undefined) return { tag, ...nobody, standbys: [], standbysInSync: [] };
    const isOwner = known.owner === each.member && known.boot === each.boot;
    const isStandby = known.standbys.has(each.member);
    const inSync = this.#inSync(known, nowMs);
    return {
      ...{ tag, owner: known.owner, epoch: known.epoch, acting: isOwner },
      role: roleOf(isOwner, isStandby),
      inSync: inSync.includes(each.member),
      standbys: isOwner ? [...known.standbys.keys()] : [],
      standbysInSync: isOwner ? inSync : [],
      copies: isOwner || isStandby ? known.dialogs : 0,
    };
  }
}

function roleOf(isOwner: boolean, isStandby: boolean): TagStatus['role'] {
  if (isOwner) return 'owner';
  return isStandby ? 'standby' : 'none';
}

function settle(takeover: TakeoverReport, nowMs: number): void {
  if (takeover.durationMs !== undefined || nowMs - takeover.startedAtMs < SETTLE_MS) return;
  takeover.rehomed = takeover.dialogs;
  takeover.durationMs = SETTLE_MS;
}

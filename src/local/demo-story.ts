import type { Pod } from '../kube/objects.ts';
import { DemoCalls, isAt, useCall } from './demo-calls.ts';
import { DemoCluster } from './demo-cluster.ts';
import { DeadPods } from './demo-excuse.ts';
import type { DemoScreen, Tone } from './demo-screen.ts';
import { stepTable, type StepGroup } from './demo-table.ts';
import { look, ownedBy, podAt, stayingPods, untilSettled, type DemoView } from './demo-view.ts';
import { freeNetwork } from './free-network.ts';
import { Talk, TALK_ENDS, type TalkCall } from './talk.ts';
import { TalkLedger } from './talk-ledger.ts';
import { pause, until } from './until.ts';
import { wallClockMs } from './wall-clock.ts';

const FIRST_NETWORK = 40;
const PORT = 5060;
const REPLICAS = 3;
const CALLS_PER_SECOND = 150;
/** For each end: every call carries a request a second. */
const TALK_EVERY_MS = 2000;
const SETTLES_WITHIN_MS = 40_000;
const MOVES_WITHIN_MS = 30_000;
/** Between the end of a step and its table: what was sent in it has been answered or is lost. */
const ANSWERED_WITHIN_MS = 1000;
const CHECKS_AT_ONCE = 20;
const FAULTS_SHOWN = 10;

/** A fleet on Kubernetes objects, with an operator: a pod is killed, a node drained, and the fleet grows, under live calls. */
export class FleetStory {
  readonly #screen: DemoScreen;
  readonly #dead = new DeadPods();
  readonly #faults: string[] = [];
  #phones: DemoCalls | undefined;
  #cluster: DemoCluster | undefined;
  #talk: Talk | undefined;

  constructor(screen: DemoScreen) {
    this.#screen = screen;
  }

  /** Resolves to the exit code. */
  async play(count: number): Promise<number> {
    this.#screen.text(`Rehome demo: ${count} live calls on three pods, kept by an operator on this machine`);
    const cluster = await this.#start();
    const calls = await this.#setUp(cluster, count);
    const talk = new Talk(calls, { everyMs: TALK_EVERY_MS });
    this.#talk = talk;
    const ledger = new TalkLedger(talk, this.#dead.excuse);
    await this.#kill(cluster, ledger);
    const drained = await this.#drain(cluster, ledger);
    await this.#grow(cluster, ledger, drained.node);
    this.#event('the drained pod relays for 32 s after its last call moved, then the drain ends', 'dim');
    await drained.ended;
    return this.#check(ledger);
  }

  /** Ends everything that was started. */
  async clear(): Promise<void> {
    await this.#cluster?.stop();
    await this.#phones?.close();
  }

  async #start(): Promise<DemoCluster> {
    const network = await freeNetwork(FIRST_NETWORK);
    this.#phones = await DemoCalls.open({ network });
    this.#chapter('A fleet comes up');
    this.#event('$ rehome local -f cluster.yaml --nodes 3');
    this.#cluster = await DemoCluster.start({ network, manifest: manifest(this.#phones.target) });
    const view = await untilSettled(this.#cluster, REPLICAS, SETTLES_WITHIN_MS);
    for (const pod of view.pods)
      this.#event(
        `${pod.metadata.name} is ready at ${podAt(pod, PORT).address} on ${pod.spec.nodeName ?? ''}: ` +
          `${ownedBy(view, pod.metadata.name).length} of ${view.shards.length} sharing tags`,
      );
    return this.#cluster;
  }

  async #setUp(cluster: DemoCluster, count: number): Promise<TalkCall[]> {
    const { pods } = await look(cluster);
    const through = pods.map((pod) => podAt(pod, PORT));
    const calls = (await this.#phones?.place(count, { through, perSecond: CALLS_PER_SECOND })) ?? [];
    const each = pods.map((pod) => `${pod.metadata.name} carries ${callsAt(calls, [pod]).length}`);
    this.#event(`${calls.length} calls are up: ${each.join(', ')}`, 'good');
    this.#event('from now on every call carries a request each second, from its two ends in turn', 'dim');
    return calls;
  }

  /** kill -9 of a pod; it comes again and gets a share. */
  async #kill(cluster: DemoCluster, ledger: TalkLedger): Promise<void> {
    const before = await look(cluster);
    const victim = this.#busiest(before.pods);
    const groups = this.#groups('on the killed pod', [victim]);
    const { name } = victim.metadata;
    this.#chapter('A pod dies');
    const sinceMs = wallClockMs();
    this.#dead.note(sinceMs, groups[0].calls);
    this.#event(`$ rehome kill ${name}   (kill -9; it carries ${groups[0].calls.length} calls)`, 'bad');
    await cluster.must('kill', name);
    await this.#moved(groups[0].calls, { sinceMs, away: [victim] });
    const after = await untilSettled(cluster, REPLICAS, SETTLES_WITHIN_MS);
    this.#event(`${name} is back and was given a share: ${this.#sharesText(after)}`, 'good');
    await this.#table(ledger, groups, sinceMs);
  }

  /** A node is drained with the stock command; its pod's calls are moved first. */
  async #drain(cluster: DemoCluster, ledger: TalkLedger): Promise<{ node: string; ended: Promise<void> }> {
    const before = await look(cluster);
    const operators = await cluster.operators();
    const busy = new Set(operators.map((pod) => pod.spec.nodeName));
    const quiet = before.pods.filter((pod) => !busy.has(pod.spec.nodeName));
    const victim = this.#busiest(quiet.length > 0 ? quiet : before.pods);
    const node = victim.spec.nodeName ?? '';
    const groups = this.#groups(`on ${node}, moved`, [victim]);
    this.#chapter('A node is drained');
    const sinceMs = wallClockMs();
    this.#event(`$ rehome drain ${node}   (${victim.metadata.name}, ${groups[0].calls.length} calls)`);
    const ended = cluster.must('drain', node).then(() => {
      this.#event(`the drain of ${node} has ended: the pod is gone`, 'good');
    });
    // Told below, when it is waited for.
    ended.catch(() => undefined);
    await this.#moved(groups[0].calls, { sinceMs, away: [victim] });
    await pause(ANSWERED_WITHIN_MS);
    await this.#table(ledger, groups, sinceMs);
    return { node, ended };
  }

  /** One pod more, and the node is back. */
  async #grow(cluster: DemoCluster, ledger: TalkLedger, node: string): Promise<void> {
    const before = await untilSettled(cluster, REPLICAS, SETTLES_WITHIN_MS);
    const old = stayingPods(before);
    this.#chapter('The fleet grows');
    const sinceMs = wallClockMs();
    this.#event(`$ rehome uncordon ${node}`);
    await cluster.must('uncordon', node);
    this.#event(`$ rehome scale sipcluster/edge --replicas ${REPLICAS + 1}`);
    await cluster.must('scale', 'sipcluster/edge', '--replicas', String(REPLICAS + 1));
    const view = await untilSettled(cluster, REPLICAS + 1, SETTLES_WITHIN_MS);
    const fresh = stayingPods(view).filter(
      (pod) => !old.some(({ metadata }) => metadata.uid === pod.metadata.uid),
    );
    const moved = callsAt(this.#calls, fresh);
    this.#event(`live rebalance: ${this.#sharesText(view)}`, 'good');
    await this.#table(ledger, this.#split('moved to the new pod', moved), sinceMs);
  }

  /** Watches calls until both ends of each were shown another pod than these. */
  async #moved(
    calls: readonly TalkCall[],
    { sinceMs, away }: { sinceMs: number; away: Pod[] },
  ): Promise<void> {
    const old = new Set(away.map((pod) => podAt(pod, PORT).address));
    const told = (): number[] =>
      calls.flatMap((call) =>
        TALK_ENDS.flatMap((end) => {
          const first = call[end].ledger
            .reinvites()
            .find(({ atMs, contact }) => atMs >= sinceMs && !old.has(contact.split(':')[0] ?? ''));
          return first === undefined ? [] : [first.atMs];
        }),
      );
    const all = 2 * calls.length;
    await until(() => this.#progress(told().length, all), MOVES_WITHIN_MS, 'all calls to move');
    const times = told().map((atMs) => (atMs - sinceMs) / 1000);
    this.#event(
      `${all} ends were told of their new pod, from ${Math.min(...times).toFixed(2)} s to ` +
        `${Math.max(...times).toFixed(2)} s after the command`,
      'good',
    );
  }

  #progress(legs: number, all: number): boolean {
    this.#screen.progress(
      wallClockMs(),
      Math.floor((100 * legs) / Math.max(1, all)),
      `${legs} of ${all} legs`,
    );
    return legs >= all;
  }

  async #table(ledger: TalkLedger, groups: readonly StepGroup[], sinceMs: number): Promise<void> {
    const span = { sinceMs, untilMs: wallClockMs() };
    await pause(ANSWERED_WITHIN_MS);
    const { rows, faults } = stepTable(ledger, groups, span);
    this.#screen.text('');
    this.#screen.table(rows);
    this.#faults.push(...faults);
    for (const fault of faults.slice(0, FAULTS_SHOWN)) this.#screen.text(`  ${fault}`, 'bad');
  }

  /** Uses every call from both ends, and says what all of it came to. */
  async #check(ledger: TalkLedger): Promise<number> {
    const answered = (await this.#talk?.stop(ANSWERED_WITHIN_MS)) ?? false;
    this.#chapter('What is left of the calls');
    this.#event('each call is put on hold from one end and hung up from the other', 'dim');
    const total = ledger.sum(this.#calls);
    const faults = ledger.faults();
    const unusable: string[] = [];
    for (let first = 0; first < this.#calls.length; first += CHECKS_AT_ONCE) {
      const some = this.#calls.slice(first, first + CHECKS_AT_ONCE);
      unusable.push(...(await Promise.all(some.map((call, index) => useCall(call, index % 2 === 0)))).flat());
    }
    for (const fault of [...faults, ...unusable].slice(0, FAULTS_SHOWN))
      this.#screen.text(`  ${fault}`, 'bad');
    const lost = total.calls - total.alive;
    const all = [...this.#faults, ...faults, ...unusable];
    const good = answered || total.excused > 0 ? all.length === 0 : false;
    this.#screen.text('');
    this.#screen.text(
      `${total.calls - lost} of ${total.calls} calls are up and work; ${total.answered} of ${total.sent} messages were ` +
        `answered, ${total.excused} had been sent to a dead pod, ${total.lost - total.excused} were lost.`,
      good ? 'good' : 'bad',
    );
    return good ? 0 : 1;
  }

  get #calls(): readonly TalkCall[] {
    return this.#talk?.calls ?? [];
  }

  #groups(label: string, pods: readonly Pod[]): [StepGroup, StepGroup] {
    return this.#split(label, callsAt(this.#calls, pods));
  }

  #split(label: string, calls: readonly TalkCall[]): [StepGroup, StepGroup] {
    const chosen = new Set(calls);
    const others = this.#calls.filter((call) => !chosen.has(call));
    return [
      { label, calls },
      { label: 'all others', calls: others },
    ];
  }

  #busiest(pods: readonly Pod[]): Pod {
    const [most] = pods.toSorted(
      (left, right) => callsAt(this.#calls, [right]).length - callsAt(this.#calls, [left]).length,
    );
    if (most === undefined) throw new Error('there are no pods');
    return most;
  }

  #sharesText(view: DemoView): string {
    return stayingPods(view)
      .map((pod) => {
        const { name } = pod.metadata;
        return `${name} ${ownedBy(view, name).length} tags, ${callsAt(this.#calls, [pod]).length} calls`;
      })
      .join('; ');
  }

  #chapter(title: string): void {
    this.#screen.text('');
    this.#screen.restartClock(wallClockMs());
    this.#screen.text(title);
  }

  #event(text: string, tone: Tone = 'plain'): void {
    this.#screen.event(wallClockMs(), text, tone);
  }
}

function callsAt(calls: readonly TalkCall[], pods: readonly Pod[]): TalkCall[] {
  const addresses = new Set(pods.map((pod) => podAt(pod, PORT).address));
  return calls.filter((call) => isAt(call, addresses));
}

function manifest(target: string): string {
  return `apiVersion: sip.rehome.dev/v1alpha1
kind: SipCluster
metadata: { name: edge }
spec:
  replicas: ${REPLICAS}
  shards: 12
  listeners:
    - { name: public, transports: [UDP, TCP], port: ${PORT} }
    - { name: internal, transports: [UDP, TCP], port: 5070 }
  routes:
    - { from: public, to: phones, via: internal }
  targets:
    - { name: phones, addresses: ["${target}"] }
`;
}

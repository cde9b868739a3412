import { answeredAt, checkCall, rehomedAt, type CallVerdict, type DemoCall } from './demo-call.ts';
import type { DemoScreen } from './demo-screen.ts';
import { FailoverWatch } from './demo-watch.ts';
import { at, freeNetwork } from './free-network.ts';
import { Phone } from './phone.ts';
import { hostPort } from './phone-address.ts';
import { StaticCluster } from './static-cluster.ts';
import type { StaticPod } from './static-pod.ts';
import { pause, until } from './until.ts';
import { wallClockMs } from './wall-clock.ts';

const CALLS_PER_SECOND = 200;
const FIRST_NETWORK = 40;
const SIP_PORT = 5060;
const TALK_MS = 1000;
const REHOME_WITHIN_MS = 25_000;
const CHECKS_AT_ONCE = 20;
const FAULTS_SHOWN = 10;

/** Three pods in static mode, without Kubernetes and operator: one of them is killed. */
export class StaticStory {
  readonly #screen: DemoScreen;
  #cluster: StaticCluster | undefined;
  #callers: Phone | undefined;
  #callees: Phone | undefined;

  constructor(screen: DemoScreen) {
    this.#screen = screen;
  }

  /** Resolves to the exit code. */
  async play(count: number): Promise<number> {
    this.#screen.text(`Rehome demo: ${String(count)} live calls, three proxies, one kill -9\n`);
    const cluster = await this.#start();
    const calls = await this.#setUp(cluster, count);
    this.#event(`the calls run for ${String(TALK_MS / 1000)} s`, 'dim');
    await pause(TALK_MS);
    const victim = busiest(cluster.pods, calls);
    await this.#fail(cluster, calls, victim);
    return this.#check(cluster, calls, victim);
  }

  /** Ends everything that was started. */
  async clear(): Promise<void> {
    await this.#cluster?.stop();
    await this.#callers?.close();
    await this.#callees?.close();
  }

  async #start(): Promise<StaticCluster> {
    const network = await freeNetwork(FIRST_NETWORK);
    this.#callees = await Phone.open(at(network, 2, SIP_PORT));
    this.#callers = await Phone.open(at(network, 1, SIP_PORT));
    this.#cluster = await StaticCluster.start({ callees: [hostPort(this.#callees.local)], network });
    for (const pod of this.#cluster.pods) {
      const { address, port } = pod.place.public;
      this.#event(`${pod.name} is ready at ${address}:${String(port)} (process ${String(pod.pid)})`);
    }
    return this.#cluster;
  }

  /** Places the calls in turn through each pod, at a modest rate. */
  async #setUp(cluster: StaticCluster, count: number): Promise<DemoCall[]> {
    const calls: DemoCall[] = [];
    const batch = Math.max(1, Math.ceil(CALLS_PER_SECOND / 20));
    const numbers = Array.from({ length: count }, (_, index) => index);
    for (let first = 0; first < count; first += batch) {
      const some = numbers.slice(first, first + batch).map((number) => this.#call(cluster, number));
      calls.push(...(await Promise.all(some)));
      await pause(50);
    }
    const each = cluster.pods.map((pod) => `${pod.name} carries ${String(callsOf(pod, calls).length)}`);
    this.#event(`${String(calls.length)} calls are up: ${each.join(', ')}`, 'good');
    return calls;
  }

  async #call(cluster: StaticCluster, number: number): Promise<DemoCall> {
    const pod = cluster.pods[number % cluster.pods.length];
    if (pod === undefined || this.#callers === undefined) throw new Error('the demo has not started');
    const caller = this.#callers.place(pod.place.public, `line-${String(number + 1)}`);
    const status = await caller.established;
    const callee = this.#callees?.named(caller.name);
    if (status !== 200 || callee === undefined)
      throw new Error(`${caller.name} was not set up: ${String(status)}`);
    return { caller, callee, pod };
  }

  /** Kills the victim and shows what happens until all its calls have moved. */
  async #fail(cluster: StaticCluster, calls: readonly DemoCall[], victim: StaticPod): Promise<void> {
    const survivors = cluster.pods.filter((pod) => pod !== victim);
    const moving = callsOf(victim, calls);
    const watch = await FailoverWatch.begin(this.#screen, victim, survivors);
    const pid = String(victim.pid);
    const killedAt = wallClockMs();
    this.#screen.restartClock(killedAt);
    victim.signal('SIGKILL');
    this.#screen.text('');
    this.#event(
      `kill -9 of ${victim.name} (process ${pid}), which carries ${String(moving.length)} calls`,
      'bad',
    );
    let watching = true;
    const watched = watch.follow(() => watching);
    await until(() => this.#moved(moving) === 2 * moving.length, REHOME_WITHIN_MS, 'all legs to move').catch(
      () => undefined,
    );
    await pause(TALK_MS / 5);
    watching = false;
    await watched;
    this.#report(moving, killedAt);
  }

  #moved(moving: readonly DemoCall[]): number {
    const legs = moving.flatMap((call) => rehomedAt(call)).filter((at) => at !== undefined).length;
    const percent = moving.length === 0 ? 100 : Math.floor((50 * legs) / moving.length);
    this.#screen.progress(wallClockMs(), percent, `${String(legs)} of ${String(2 * moving.length)} legs`);
    return legs;
  }

  #report(moving: readonly DemoCall[], killedAt: number): void {
    const times = moving.flatMap((call) => rehomedAt(call)).filter((at) => at !== undefined);
    if (times.length === 0) return;
    const seconds = (at: number): string => ((at - killedAt) / 1000).toFixed(2);
    const last = Math.max(...moving.map((call) => answeredAt(call)));
    this.#event(
      `re-INVITEs reached the phones from ${seconds(Math.min(...times))} s to ${seconds(Math.max(...times))} s ` +
        `after the kill; the last one was answered at ${seconds(last)} s`,
      'good',
    );
  }

  /** Uses every call from both ends and prints the table. */
  async #check(cluster: StaticCluster, calls: readonly DemoCall[], victim: StaticPod): Promise<number> {
    this.#event('now each call is put on hold from one end and hung up from the other');
    const alive = cluster.pods.filter((pod) => pod !== victim);
    const verdicts = new Map<DemoCall, CallVerdict>();
    for (let first = 0; first < calls.length; first += CHECKS_AT_ONCE) {
      await Promise.all(
        calls.slice(first, first + CHECKS_AT_ONCE).map(async (call, index) => {
          verdicts.set(call, await checkCall(call, alive, index % 2 === 0));
        }),
      );
    }
    this.#screen.text('');
    this.#screen.table([
      ['calls', 'number', 're-INVITE seen', 'Contact is a living pod', 'hold works', 'BYE works', 'lost'],
      ...cluster.pods.map((pod) => row(pod, callsOf(pod, calls), verdicts, pod === victim)),
    ]);
    return this.#verdict(calls, verdicts);
  }

  #verdict(calls: readonly DemoCall[], verdicts: ReadonlyMap<DemoCall, CallVerdict>): number {
    const faults = [...verdicts.values()].flatMap((verdict) => verdict.faults);
    const lost = calls.filter((call) => isLost(verdicts.get(call))).length;
    for (const fault of faults.slice(0, FAULTS_SHOWN)) this.#screen.text(`  ${fault}`, 'bad');
    this.#screen.text('');
    if (lost === 0)
      this.#screen.text(`No call was lost: ${String(calls.length)} of ${String(calls.length)} work.`, 'good');
    else this.#screen.text(`${String(lost)} of ${String(calls.length)} calls were lost.`, 'bad');
    return lost === 0 ? 0 : 1;
  }

  #event(text: string, tone: 'plain' | 'bad' | 'good' | 'dim' = 'plain'): void {
    this.#screen.event(wallClockMs(), text, tone);
  }
}

function row(
  pod: StaticPod,
  calls: readonly DemoCall[],
  verdicts: ReadonlyMap<DemoCall, CallVerdict>,
  killed: boolean,
): string[] {
  const found = calls.map((call) => verdicts.get(call)).filter((verdict) => verdict !== undefined);
  const ends = (count: (verdict: CallVerdict) => number): string =>
    `${String(found.reduce((sum, verdict) => sum + count(verdict), 0))} of ${String(2 * calls.length)} ends`;
  return [
    `set up through ${pod.name}${killed ? ' (killed)' : ''}`,
    String(calls.length),
    killed ? ends((verdict) => verdict.reinvites) : 'not needed',
    ends((verdict) => verdict.contacts),
    String(found.filter((verdict) => verdict.holds).length),
    String(found.filter((verdict) => verdict.hangsUp).length),
    String(calls.filter((call) => isLost(verdicts.get(call))).length),
  ];
}

function isLost(verdict: CallVerdict | undefined): boolean {
  return verdict === undefined || !verdict.holds || !verdict.hangsUp || verdict.contacts < 2;
}

function callsOf(pod: StaticPod, calls: readonly DemoCall[]): DemoCall[] {
  return calls.filter((call) => call.pod === pod);
}

function busiest(pods: readonly StaticPod[], calls: readonly DemoCall[]): StaticPod {
  const [most] = [...pods].sort((left, right) => callsOf(right, calls).length - callsOf(left, calls).length);
  if (most === undefined) throw new Error('no pods');
  return most;
}

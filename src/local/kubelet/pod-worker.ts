import { join } from 'node:path';
import { PODS } from '../../kube/kinds.ts';
import type { Container, Pod } from '../../kube/objects.ts';
import { failureText } from '../../runtime/failure-text.ts';
import { argumentsOf, refusalOf } from './container-command.ts';
import { ContainerProbes } from './container-probes.ts';
import { environmentOf } from './environment.ts';
import { podStatusOf, type PodState, type PodStatusBody } from './pod-status.ts';
import type { PodWorld } from './pod-world.ts';
import type { ProcessEnd, RunningProcess } from './process-runner.ts';
import { RestartBackOff } from './restart-back-off.ts';
import { isPassing, RETRY_MS, StatusWriter } from './status-writer.ts';
import { writeVolumes } from './volumes.ts';

const DEFAULT_GRACE_SECONDS = 30;
const VOLUME_RETRY_MS = 2_000;
/** How often a running pod's ConfigMaps and Secrets are read again. */
const VOLUME_REFRESH_MS = 5_000;

interface Run {
  process: RunningProcess;
  probes?: ContainerProbes;
  startedAt: string;
  startedAtMs: number;
}

/** Runs one pod of a node from the moment that the kubelet sees it until it is gone. */
export class PodWorker {
  readonly #world: PodWorld;
  readonly #writer: StatusWriter;
  readonly #backOff = new RestartBackOff();
  readonly #state: PodState;
  /** The pod's own address is in its environment before it is in its object. */
  #pod: Pod;
  #run: Run | undefined;
  /** When the process is killed, by the clock; undefined unless the pod is being deleted. */
  #killAtMs: number | undefined;
  #gone = false;
  /** The newest status, whose times hold whatever version of the object is seen. */
  #built: PodStatusBody | undefined;

  constructor(pod: Pod, world: PodWorld) {
    this.#world = world;
    this.#pod = pod;
    this.#writer = new StatusWriter(world.api, world.clock);
    const podIP = pod.spec.hostNetwork === true ? world.hostIP : world.addresses.take();
    this.#state = {
      container: { waiting: { reason: 'ContainerCreating' } },
      restartCount: 0,
      ready: false,
      restarts: (pod.spec.restartPolicy ?? 'Always') !== 'Never',
      hostIP: world.hostIP,
      startTime: world.now(),
      ...(podIP === undefined ? {} : { podIP }),
    };
  }

  start(): void {
    if (this.#pod.metadata.deletionTimestamp !== undefined) {
      this.update(this.#pod);
      return;
    }
    this.#launch().catch((error: unknown) => {
      this.#world.fault(error);
    });
  }

  /** Takes the newest version of the object. */
  update(pod: Pod): void {
    this.#pod = pod;
    const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
    if (deletionTimestamp === undefined) return;
    const grace = deletionGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds;
    this.#stop((grace ?? DEFAULT_GRACE_SECONDS) * 1000);
  }

  /** The object is gone: so is the process, at once. */
  remove(): void {
    this.#gone = true;
    if (this.#run === undefined) this.#release();
    else this.#run.process.signal('SIGKILL');
  }

  /** Sends a signal to the process; its process id, undefined if there is none. */
  signal(signal: NodeJS.Signals): number | undefined {
    const pid = this.#run?.process.pid;
    this.#run?.process.signal(signal);
    return pid;
  }

  get isRunning(): boolean {
    return this.#run !== undefined;
  }

  /** Kills the process, and leaves the object as it is. */
  abandon(): void {
    this.#gone = true;
    this.signal('SIGKILL');
  }

  get #container(): Container | undefined {
    return this.#pod.spec.containers[0];
  }

  get #isEnding(): boolean {
    return this.#gone || this.#killAtMs !== undefined;
  }

  async #launch(): Promise<void> {
    const refusal = this.#state.podIP === undefined ? 'no address is free' : refusalOf(this.#pod);
    const container = this.#container;
    if (refusal !== undefined || container === undefined) {
      this.#wait('CreateContainerConfigError', refusal ?? '');
      this.#world.say(this.#pod, { type: 'Warning', reason: 'Failed', note: `Error: ${refusal ?? ''}` });
      return;
    }
    this.#publish();
    try {
      await this.#startProcess(container);
    } catch (error) {
      this.#wait('CreateContainerConfigError', failureText(error));
      this.#world.say(this.#pod, { type: 'Warning', reason: 'FailedMount', note: failureText(error) });
      this.#world.clock.after(VOLUME_RETRY_MS, () => {
        if (!this.#isEnding) this.start();
      });
    }
    this.#publish();
  }

  async #startProcess(container: Container): Promise<void> {
    const { api, folder, runner, clock } = this.#world;
    const dir = join(folder, this.#pod.metadata.uid ?? '');
    const mounts = await writeVolumes(api, this.#pod, container, join(dir, 'volumes'));
    if (this.#isEnding) return;
    const env = environmentOf({ ...this.#pod, status: this.#status() }, container);
    const argv = argumentsOf(container, env, mounts);
    const logFile = join(dir, 'log');
    const run: Run = {
      process: runner.start({ argv, env, folder: dir, logFile }, (end) => {
        this.#ended(run, end);
      }),
      startedAt: this.#world.now(),
      startedAtMs: clock.nowMs(),
    };
    this.#run = run;
    this.#state.container = { running: { startedAt: run.startedAt } };
    this.#world.say(this.#pod, {
      type: 'Normal',
      reason: 'Started',
      note: `Started container ${container.name}, process ${run.process.pid} at ${this.#state.podIP ?? ''}`,
    });
    this.#watch(run, container, join(dir, 'volumes'));
  }

  /** Probes the container and keeps its volumes as their objects are, as long as it runs. */
  #watch(run: Run, container: Container, volumes: string): void {
    const { api, clock, askProbe } = this.#world;
    run.probes = new ContainerProbes({
      clock,
      container,
      ask: (probe) => askProbe(this.#state.podIP ?? '', container, probe),
      onReady: (ready) => {
        this.#noteReady(run, ready);
      },
      onFailed: (probe) => {
        this.#startAnew(run, probe);
      },
    });
    run.probes.start();
    const refresh = (): void => {
      clock.after(VOLUME_REFRESH_MS, () => {
        if (this.#run !== run) return;
        // What cannot be read now is as it was.
        void writeVolumes(api, this.#pod, container, volumes).then(refresh, refresh);
      });
    };
    refresh();
  }

  #noteReady(run: Run, ready: boolean): void {
    if (this.#run !== run) return;
    if (!ready)
      this.#world.say(this.#pod, { type: 'Warning', reason: 'Unhealthy', note: 'Readiness probe failed' });
    this.#state.ready = ready;
    this.#publish();
  }

  /** Ends a run whose probe failed; the container is restarted as after any end. */
  #startAnew(run: Run, probe: string): void {
    if (this.#run !== run || this.#isEnding) return;
    const note = `Container ${this.#container?.name ?? ''} failed ${probe.toLowerCase()} probe, will be restarted`;
    this.#world.say(this.#pod, { type: 'Warning', reason: 'Unhealthy', note: `${probe} probe failed` });
    this.#world.say(this.#pod, { type: 'Normal', reason: 'Killing', note });
    run.process.signal('SIGTERM');
    const grace = this.#pod.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS;
    this.#world.clock.after(grace * 1000, () => {
      if (this.#run === run) run.process.signal('SIGKILL');
    });
  }

  #ended(run: Run, { exitCode, signal }: ProcessEnd): void {
    const { clock } = this.#world;
    this.#run = undefined;
    run.probes?.stop();
    const terminated = {
      exitCode,
      ...(signal === undefined ? {} : { signal }),
      reason: exitCode === 0 ? 'Completed' : 'Error',
      startedAt: run.startedAt,
      finishedAt: this.#world.now(),
    };
    this.#state.ready = false;
    this.#state.container = { terminated };
    if (this.#isEnding) this.#finish();
    else if (!this.#restartsAfter(exitCode)) this.#publish();
    else {
      this.#state.lastState = { terminated };
      this.#restartAfter(this.#backOff.afterRun(clock.nowMs() - run.startedAtMs));
    }
  }

  #restartsAfter(exitCode: number): boolean {
    const { restartPolicy = 'Always' } = this.#pod.spec;
    this.#state.restarts = restartPolicy === 'Always' || (restartPolicy === 'OnFailure' && exitCode !== 0);
    return this.#state.restarts;
  }

  #restartAfter(delayMs: number): void {
    const { name, namespace = '' } = this.#pod.metadata;
    if (delayMs > 0) {
      const what = `restarting failed container=${this.#container?.name ?? ''} pod=${name}_${namespace}`;
      this.#wait('CrashLoopBackOff', `back-off ${delayMs / 1000}s ${what}`);
      this.#world.say(this.#pod, { type: 'Warning', reason: 'BackOff', note: `Back-off ${what}` });
    }
    this.#publish();
    this.#world.clock.after(delayMs, () => {
      if (this.#isEnding) return;
      this.#state.restartCount += 1;
      this.start();
    });
  }

  #wait(reason: string, message: string): void {
    this.#state.container = { waiting: { reason, message } };
    this.#publish();
  }

  /** Asks the process to end, and ends it after `graceMs`; a later call may only shorten that. */
  #stop(graceMs: number): void {
    const { clock } = this.#world;
    const killAtMs = clock.nowMs() + graceMs;
    const before = this.#killAtMs;
    if (before !== undefined && before <= killAtMs) return;
    this.#killAtMs = killAtMs;
    const run = this.#run;
    if (run === undefined) {
      if (before === undefined) this.#finish();
      return;
    }
    if (before === undefined) this.#sayKilling();
    if (before === undefined && graceMs > 0) run.process.signal('SIGTERM');
    clock.after(graceMs, () => {
      if (this.#run === run && this.#killAtMs === killAtMs) run.process.signal('SIGKILL');
    });
  }

  #sayKilling(): void {
    const note = `Stopping container ${this.#container?.name ?? ''}`;
    this.#world.say(this.#pod, { type: 'Normal', reason: 'Killing', note });
  }

  /** The process is gone for good: the last status is written, then the object is deleted. */
  #finish(): void {
    if (this.#gone) {
      this.#release();
      return;
    }
    if (this.#state.container.terminated === undefined)
      this.#wait('ContainerCreating', 'the pod is being deleted');
    void this.#writer.write(this.#pod, () => this.#status()).then(() => this.#deleteObject());
  }

  /** Whoever deleted it first is as good; without the API it stays until there is one again. */
  async #deleteObject(): Promise<void> {
    const { namespace = '', name, uid = '' } = this.#pod.metadata;
    try {
      await this.#world.api.delete(PODS, { namespace, name }, { gracePeriodSeconds: 0, uid });
    } catch (error) {
      if (this.#gone || !isPassing(error)) return;
      this.#world.clock.after(RETRY_MS, () => void this.#deleteObject());
    }
  }

  #release(): void {
    const { podIP } = this.#state;
    if (podIP !== undefined && podIP !== this.#world.hostIP) this.#world.addresses.giveBack(podIP);
    this.#world.finished(this.#pod);
  }

  #publish(): void {
    if (!this.#gone) void this.#writer.write(this.#pod, () => this.#status());
  }

  #status(): PodStatusBody {
    this.#built = podStatusOf(this.#pod, this.#state, this.#world.now(), this.#built);
    return this.#built;
  }
}

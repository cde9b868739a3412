import { randomBytes, randomInt } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { API_VERSION } from '../api/sip-cluster-type.ts';
import type { KubeObject } from '../api/object-type.ts';
import { EventRecorder } from '../kube/event-recorder.ts';
import { LEADER_TIMES } from '../kube/leader-election.ts';
import { RestClient } from '../kube/rest-client.ts';
import type { ApiAccess } from '../kube/credentials/access.ts';
import { systemClock } from '../runtime/clock.ts';
import { newLogger, type Logger } from '../runtime/logger.ts';
import { untilToldToStop } from '../runtime/told-to-stop.ts';
import { operatorAccess } from './api-access.ts';
import { HealthServer } from './health.ts';
import { OperatorMetrics } from './metrics.ts';
import { Operator } from './operator.ts';
import { OPERATOR_USAGE, readOperatorCommand, type OperatorOptions } from './options.ts';
import type { StepOf } from './steps/step-context.ts';

/** Who reports Events. */
const CONTROLLER = 'rehome-operator';
const IDENTITY_BYTES = 4;
/** The most that `randomInt` takes. */
const RANDOM_STEPS = 2 ** 48 - 1;
/** How often the Lease can be asked for before it ends. */
const LEASE_TRIES = 3;
const EXIT_USAGE = 2;
/** Less than a pod is given to end: an API that does not answer is not waited for any longer. */
const STOP_LIMIT_MS = 10_000;

/** `rehome operator`: resolves to the exit code, after SIGTERM or SIGINT if it ran; rejects if it cannot run. */
export async function runOperator(argv: string[]): Promise<number> {
  const command = readOperatorCommand(argv, process.env);
  if (command.kind === 'help') {
    process.stdout.write(OPERATOR_USAGE);
    return 0;
  }
  if (command.kind === 'wrong') {
    process.stderr.write(`rehome operator: ${command.problem}\n\n${OPERATOR_USAGE}`);
    return EXIT_USAGE;
  }
  await run(command.options);
  return 0;
}

async function run(options: OperatorOptions): Promise<void> {
  const access = operatorAccess(options, process.env);
  const told = untilToldToStop();
  const identity = options.identity || `operator_${randomBytes(IDENTITY_BYTES).toString('hex')}`;
  const log = newLogger(options.logLevel, { operator: identity });
  keepRunning(log);
  const metrics = new OperatorMetrics();
  const operator = newOperator(options, access, identity, { log, metrics });
  const health = new HealthServer({
    unreadyReason: () => operator.unreadyReason(),
    metrics: () => metrics.text(),
  });
  await health.start(options.http);
  log.info('started', { version: process.version });
  const started = operator.start();
  await told;
  log.info('told to stop');
  const stopped = operator.stop().then(() => started);
  await Promise.race([stopped, setTimeout(STOP_LIMIT_MS)]);
  await health.stop();
  log.info('stopped');
}

function newOperator(
  options: OperatorOptions,
  access: ApiAccess,
  identity: string,
  { log, metrics }: { log: Logger; metrics: OperatorMetrics },
): Operator {
  const { namespace, mesh } = options;
  const leaseNamespace = options.leaseNamespace || (access.namespace ?? 'default');
  const random = (): number => randomInt(RANDOM_STEPS) / RANDOM_STEPS;
  const api = new RestClient({ ...access, random });
  const answerTimeoutMs = Math.floor(LEADER_TIMES.renewDeadlineMs / LEASE_TRIES);
  const leaseApi = new RestClient({ ...access, random, answerTimeoutMs });
  const wallMs = Date.now;
  const recorder = new EventRecorder({
    ...{ api, clock: systemClock, wallMs },
    controller: CONTROLLER,
    instance: identity,
    onFailure: (error) => {
      log.info('an Event could not be written', { error: String(error) });
    },
    onDropped: () => {
      metrics.eventsDropped.inc();
    },
  });
  return new Operator({
    ...{ api, leaseApi, namespace, leaseNamespace, identity, mesh },
    event: ({ about, eventType, eventReason, note }, where) => {
      const happening = { type: eventType, reason: eventReason, action: eventReason, note };
      recorder.record(subjectOf(about, where), happening);
    },
    ...{ clock: systemClock, wallMs, random, log, metrics },
  });
}

function subjectOf({ kind, name, uid }: StepOf<'event'>['about'], namespace: string): KubeObject {
  return { apiVersion: kind === 'Pod' ? 'v1' : API_VERSION, kind, metadata: { name, namespace, uid } };
}

/** An error that nobody caught is this program's fault: it is said, and the clusters are looked after. */
function keepRunning(log: Logger): void {
  process.on('uncaughtException', (error) => {
    log.error('an error was not caught', { code: 'UNCAUGHT', error: String(error), stack: error.stack });
  });
}

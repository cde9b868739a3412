import { mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { KeysReport } from '../../src/api/control.ts';
import type { ConfigDocument } from '../../src/local/static-config.ts';
import type { StaticPod } from '../../src/local/static-pod.ts';
import { until } from '../../src/local/until.ts';
import { KeyRing } from '../../src/mesh/key-ring.ts';
import { ControlClient } from '../../src/operator/links/control-client.ts';
import { ENDS, Fleet, hangUp, holdAndResume, requestThrough, type HeldCall } from './fleet.ts';
import { metricOf } from './pod-metrics.ts';
import { controlPort, withControl } from './steering.ts';

const TIMEOUT_MS = 120_000;
const READ_WITHIN_MS = 20_000;
const CALLS = 5;
const key = (id: string): { id: string; secret: string } => ({
  id,
  secret: `the-secret-of-${id}-with-32-bytes-at-least`,
});

let fleet: Fleet;
const ring = KeyRing.of([key('m1')]);
let clients: ControlClient[] = [];

/** Replaces a file of a volume as a kubelet does: a new folder, then one rename of the link to it. */
function writeVolume(volume: string, name: string, text: string): void {
  const dated = `..${String(process.hrtime.bigint())}`;
  mkdirSync(join(volume, dated), { recursive: true });
  writeFileSync(join(volume, dated, name), text);
  symlinkSync(dated, join(volume, '..next'));
  renameSync(join(volume, '..next'), join(volume, '..data'));
}

/** A volume of a Secret: the file is a link into the folder behind `..data`. */
function makeVolume(volume: string, ids: readonly string[]): string {
  writeVolume(volume, 'keys', textOf(ids));
  symlinkSync(join('..data', 'keys'), join(volume, 'keys'));
  return join(volume, 'keys');
}

function textOf(ids: readonly string[]): string {
  return ids.map((id) => `${id} ${key(id).secret}\n`).join('');
}

function volumeOf(pod: StaticPod, ringName: 'mesh' | 'tokens'): string {
  const config = JSON.parse(readFileSync(pod.files.config, 'utf8')) as ConfigDocument;
  return join(String(config['dataDir']), ringName);
}

async function keysOf(pod: StaticPod): Promise<KeysReport | undefined> {
  const report = await clients[fleet.pods.indexOf(pod)]?.report('', 0);
  return report?.keys;
}

/** Changes a ring in one pod after the other, and waits until it is in force. */
async function rotate(ringName: 'mesh' | 'tokens', ids: readonly string[]): Promise<void> {
  for (const pod of fleet.pods) writeVolume(volumeOf(pod, ringName), 'keys', textOf(ids));
  for (const pod of fleet.pods)
    await until(
      async () => String((await keysOf(pod))?.[ringName]) === String(ids),
      READ_WITHIN_MS,
      `${pod.name} to take the keys ${ids.join(' ')}`,
    );
}

async function use(calls: readonly HeldCall[]): Promise<Set<number>> {
  const outcomes = new Set<number>();
  for (const call of calls)
    for (const end of ENDS) for (const pod of fleet.pods) outcomes.add(await requestThrough(call, end, pod));
  return outcomes;
}

/** Waits until calls use these keys and no others; calls are counted once a second. */
async function inUse(ids: readonly string[]): Promise<void> {
  await until(
    async () => String(await keysInUse()) === String(ids),
    READ_WITHIN_MS,
    `the keys in use to be ${ids.join(' ')}`,
  );
}

/** Ids of all keys that a call of any pod was made with. */
async function keysInUse(): Promise<string[]> {
  const reports = await Promise.all(fleet.pods.map(keysOf));
  return [...new Set(reports.flatMap((report) => report?.tokensInUse ?? []))].sort();
}

beforeAll(async () => {
  fleet = await Fleet.start({
    configure: (config, place) => {
      withControl(config, place);
      const dir = String(config['dataDir']);
      config['mesh'] = { keyFile: makeVolume(join(dir, 'mesh'), ['m1']) };
      config['tokens'] = { keyFile: makeVolume(join(dir, 'tokens'), ['t1']) };
    },
  });
  clients = fleet.pods.map(({ place }) => new ControlClient({ ...place.http, port: controlPort }, ring));
}, TIMEOUT_MS);

afterAll(async () => {
  for (const client of clients) client.close();
  await fleet.stop();
});

test(
  'keys of the mesh and of tokens are replaced under live calls, without a restart',
  async () => {
    const [first, second, third] = [fleet.pod(0), fleet.pod(1), fleet.pod(2)];
    const boots = await Promise.all(fleet.pods.map(async (pod) => (await pod.status())?.boot));
    const older = await fleet.hold(CALLS, first);
    await inUse(['t1']);

    await rotate('mesh', ['m1', 'm2']);
    await rotate('tokens', ['t1', 't2']);
    await rotate('mesh', ['m2', 'm1']);
    await rotate('tokens', ['t2', 't1']);
    const newer = await fleet.hold(CALLS, second);
    await inUse(['t1', 't2']);

    ring.replaceBy(KeyRing.of([key('m2')]));
    await rotate('mesh', ['m2']);
    expect(await use([...older, ...newer])).toEqual(new Set([200]));
    expect(await Promise.all(fleet.pods.map(async (pod) => (await pod.status())?.boot))).toEqual(boots);

    // A process that knows the new key only joins the others, so that they use it, too.
    await third.kill();
    third.start();
    await fleet.cluster.ready();

    for (const call of older) {
      await holdAndResume(call, 'callee');
      await hangUp(call, 'caller');
    }
    await inUse(['t2']);
    await rotate('tokens', ['t2']);
    expect(await use(newer)).toEqual(new Set([200]));
    for (const call of newer) await hangUp(call, 'callee');
    expect([...older, ...newer].flatMap((call) => ENDS.flatMap((end) => call[end].ledger.errors))).toEqual(
      [],
    );
  },
  TIMEOUT_MS,
);

test(
  'a key file that is none changes nothing and is told',
  async () => {
    const pod = fleet.pod(0);
    const before = await keysOf(pod);
    writeVolume(volumeOf(pod, 'tokens'), 'keys', 'only-an-id\n');
    await until(
      async () => (await metricOf(pod, 'rehome_key_reloads_total', 'outcome="refused"')) === 1,
      READ_WITHIN_MS,
      'the refusal to be counted',
    );
    expect(pod.logTail()).toContain('KEY_FILE');
    expect((await keysOf(pod))?.tokens).toEqual(before?.tokens);
    const [call] = await fleet.hold(1, pod);
    if (call) await hangUp(call, 'caller');
  },
  TIMEOUT_MS,
);

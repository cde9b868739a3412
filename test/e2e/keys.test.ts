import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ConfigDocument } from '../../src/local/static-config.ts';
import type { StaticPod } from '../../src/local/static-pod.ts';
import { pause } from '../../src/local/until.ts';
import { ENDS, Fleet, hangUp, holdAndResume, requestThrough, type HeldCall } from './fleet.ts';

const TIMEOUT_MS = 120_000;
const CALLS = 5;
const IN_SYNC_AFTER_MS = 1500;
const OLD = { id: 'local', secret: 'a-key-of-this-machine-only-32-bytes' };
const NEW = { id: 'next', secret: 'another-key-of-this-machine-32-bytes' };

let fleet: Fleet;

beforeAll(async () => {
  fleet = await Fleet.start();
}, TIMEOUT_MS);

afterAll(async () => {
  await fleet.stop();
});

function configOf(pod: StaticPod): ConfigDocument {
  return JSON.parse(readFileSync(pod.files.config, 'utf8')) as ConfigDocument;
}

/** Restarts each pod in turn with these keys. */
async function restartAllWith(keys: readonly { id: string; secret: string }[]): Promise<void> {
  for (const pod of fleet.pods) {
    const config = configOf(pod);
    writeFileSync(
      pod.files.config,
      JSON.stringify({ ...config, mesh: { ...(config['mesh'] as object), keys } }),
    );
    await pod.kill();
    pod.start();
    await fleet.cluster.ready();
    await pause(IN_SYNC_AFTER_MS);
  }
}

async function use(calls: readonly HeldCall[]): Promise<number[]> {
  const outcomes: number[] = [];
  for (const call of calls)
    for (const end of ENDS) for (const pod of fleet.pods) outcomes.push(await requestThrough(call, end, pod));
  return outcomes;
}

test(
  'calls that began under a key go on while it is replaced by another',
  async () => {
    expect((configOf(fleet.pod(0))['mesh'] as { keys: unknown }).keys).toEqual([OLD]);
    const calls = await fleet.hold(CALLS, fleet.pod(0));
    await restartAllWith([OLD, NEW]);
    await restartAllWith([NEW, OLD]);
    // Their tokens are those of the old key; every pod was restarted twice since.
    expect(new Set(await use(calls))).toEqual(new Set([200]));
    const newer = await fleet.hold(CALLS, fleet.pod(1));
    expect(new Set(await use(newer))).toEqual(new Set([200]));
    for (const call of [...calls, ...newer]) {
      await holdAndResume(call, 'callee');
      await hangUp(call, 'caller');
    }
    expect(calls.flatMap((call) => ENDS.flatMap((end) => call[end].ledger.errors))).toEqual([]);
  },
  TIMEOUT_MS,
);

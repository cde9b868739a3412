import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { memberId } from '../../../src/api/member-id.ts';
import type { SocketAddress } from '../../../src/local/phone-address.ts';
import { until } from '../../../src/local/until.ts';
import { Fleet, hangUp, requestThrough } from '../../e2e/fleet.ts';
import { Steering, withControl, type Steered } from '../../e2e/steering.ts';

const TIMEOUT_MS = 60_000;
const WITHIN_MS = 20_000;
const TAGS = ['one', 'two', 'three'];

/** A key file of tokens. */
function keysOf(...ids: readonly string[]): string {
  return ids.map((id) => `${id} the-secret-of-${id}-with-32-bytes-at-least\n`).join('');
}

/** A pod's uid as Kubernetes would make it. */
function uidOf(pod: string): string {
  return `${pod.slice(-1).repeat(8)}-0000-4000-8000-000000000000`;
}

describe('pods that an operator steers', () => {
  let fleet: Fleet | undefined;
  let steering: Steering | undefined;

  afterEach(async () => {
    steering?.close();
    await fleet?.stop();
  });

  test(
    'know nothing at first, carry calls once they are told roster, peers and tags, and still know them when they start again',
    async () => {
      const pods: Steered[] = [];
      const keyFiles: string[] = [];
      const starting = Fleet.start({
        configure: (config, place) => {
          withControl(config, place);
          pods.push({ name: memberId(place.pod, uidOf(place.pod)), place });
          const keyFile = join(String(config['dataDir']), 'tokens');
          mkdirSync(String(config['dataDir']), { recursive: true });
          writeFileSync(keyFile, keysOf('t1'));
          keyFiles.push(keyFile);
          Object.assign(config, {
            tokens: { keyFile },
            managed: true,
            podUid: uidOf(place.pod),
            shards: [],
            routes: [],
            targets: [],
          });
          config['listeners'] = (config['listeners'] as object[]).map((listener) => ({
            ...listener,
            advertise: { told: true },
          }));
          config['roster'] = { number: 0, members: [] };
          config['mesh'] = {
            ...(config['mesh'] as object),
            bind: `${place.mesh.address}:${String(place.mesh.port)}`,
          };
        },
        callee: { port: 5060 },
      });
      await until(() => pods.length === 3, WITHIN_MS, 'the config files');
      const [first] = pods;
      if (first === undefined) throw new Error('no pod');
      const callees = first.place.public.address.replace(/\.\d+$/, '.2:5060');
      const placement = pods.map(({ name }) => name);
      const tags = TAGS.map((tag) => ({ tag, group: '', placement }));
      steering = new Steering(pods, tags, callees);
      const { shared } = steering;
      const closed = await steering.firstReport(first, WITHIN_MS);
      expect(closed.status.reason).toBe('not told: no operator has said what public, internal advertise');
      expect(await isOpen(first.place.public)).toBe(false);
      for (const keyFile of keyFiles) writeFileSync(keyFile, keysOf('t2', 't1'));
      await until(
        async () => String((await steering?.report(first))?.keys?.tokens) === 't2,t1',
        WITHIN_MS,
        'the pod to take new keys before it is told',
      );
      await until(async () => (await told(pods, steering)).every(Boolean), WITHIN_MS, 'all pods to be told');
      fleet = await starting;
      const report = await steering.report(first);
      expect(report).toMatchObject({
        term: 1,
        status: { pod: first.name, ready: true, roster: { number: 1 } },
      });
      expect(shared.roster.members).toContainEqual(expect.objectContaining({ pod: first.name }));
      await until(async () => (await steering?.owned(first))?.length === 3, WITHIN_MS, 'the tags');
      const [call] = await fleet.hold(1, fleet.pod(1));
      if (call === undefined) throw new Error('no call');
      expect(call.caller.farContact).toBe(fleet.contactOf(fleet.pod(0), 'caller'));

      // Its process starts again, and nobody is there to tell it anything.
      await fleet.pod(0).kill();
      await fleet.allRehomed([{ ...call, pod: fleet.pod(0) }]);
      fleet.pod(0).start();
      await until(() => fleet?.pod(0).ready() ?? false, WITHIN_MS, 'the pod to be ready again');
      expect(await requestThrough(call, 'caller', fleet.pod(0))).toBe(200);
      expect(await fleet.ring(fleet.pod(0)).established).toBe(200);
      await hangUp(call, 'callee');
    },
    TIMEOUT_MS,
  );
});

/** Whether a TCP listener is there. */
async function isOpen({ address, port }: SocketAddress): Promise<boolean> {
  const socket = connect(port, address);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Tells each pod, once it listens, what is wanted of it. */
async function told(pods: readonly Steered[], steering: Steering | undefined): Promise<boolean[]> {
  return Promise.all(
    pods.map(async (pod) => {
      const { internal } = pod.place;
      const addresses = { public: pod.place.public, internal };
      const report = await steering?.tell(pod, { addresses }).catch(() => undefined);
      return report !== undefined;
    }),
  );
}

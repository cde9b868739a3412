import { describe, expect, test } from '@jest/globals';
import type { DialogShard } from '../../src/api/dialog-shard-type.ts';
import { TALK_ENDS } from '../../src/local/talk.ts';
import { pause, until } from '../../src/local/until.ts';
import { CALLS, openScene } from './fleet-scene.ts';

const TIMEOUT_MS = 240_000;
const TALK_MS = 5000;
const CRD = 'crd/sipclusters.sip.rehome.dev';

describe('people change what is the operator’s, and no call notices', () => {
  const scene = openScene('  deletionWait: 3s');

  /** A tag of a pod, by its place among them. */
  async function aTag(place: 0 | -1): Promise<DialogShard> {
    const shard = (await scene.fleet.tagsOf((await scene.anyPod()).metadata.name)).at(place);
    if (shard === undefined) throw new Error('the pod has no tag');
    return shard;
  }

  async function shardNow(name: string): Promise<DialogShard | undefined> {
    return (await scene.fleet.look()).shards.find(({ metadata }) => metadata.name === name);
  }

  function patchStatus(name: string, status: object): Promise<string> {
    const patch = JSON.stringify({ status });
    return scene.fleet.kubectl(
      'patch',
      'dialogshard',
      name,
      '--subresource=status',
      '--type=merge',
      '-p',
      patch,
    );
  }

  test(
    'the operator is killed in the middle of a move: the next finishes it',
    async () => {
      const pod = await scene.anyPod();
      const { name } = pod.metadata;
      const faults = await scene.fleet.faultsWhile(scene.calls, async () => {
        await scene.fleet.kubectl('annotate', 'pod', name, 'sip.rehome.dev/cordon=a test');
        await scene.fleet.replaceOperator();
        await scene.fleet.untilAway(scene.calls, [pod]);
        await scene.fleet.kubectl('annotate', 'pod', name, 'sip.rehome.dev/cordon-');
        await scene.fleet.settled(3);
      });
      expect(faults).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    'the status of a DialogShard names another owner, and a higher epoch: it is put right, and nothing moves for it',
    async () => {
      const { metadata, status } = await aTag(0);
      const others = (await scene.fleet.pods()).filter((pod) => pod.metadata.name !== status?.owner);
      const faults = await scene.fleet.faultsWhile(scene.calls, async () => {
        await patchStatus(metadata.name, { owner: others[0]?.metadata.name });
        const isRight = async (): Promise<boolean> =>
          (await shardNow(metadata.name))?.status?.owner === status?.owner;
        await until(isRight, TIMEOUT_MS, 'the owner to be put right');
        await patchStatus(metadata.name, { epoch: (status?.epoch ?? 0) + 5, owner: 'edge-9' });
        await until(
          async () => (await shardNow(metadata.name))?.status?.owner !== 'edge-9',
          TIMEOUT_MS,
          'no edge-9',
        );
        await scene.fleet.settled(3);
        await pause(TALK_MS);
      });
      expect(faults).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    'a DialogShard is deleted: it is made again, with an epoch that does not fall',
    async () => {
      // Another tag than the one whose epoch was raised by hand.
      const { metadata, status } = await aTag(-1);
      const faults = await scene.fleet.faultsWhile(scene.calls, async () => {
        await scene.fleet.kubectl('delete', 'dialogshard', metadata.name);
        const isAgain = async (): Promise<boolean> => {
          const again = await shardNow(metadata.name);
          return (
            again !== undefined && again.metadata.uid !== metadata.uid && again.status?.phase === 'Active'
          );
        };
        await until(isAgain, TIMEOUT_MS, 'the tag to be there again');
        await scene.fleet.settled(3);
      });
      expect(faults).toEqual([]);
      expect((await shardNow(metadata.name))?.status?.epoch).toBeGreaterThanOrEqual(status?.epoch ?? 0);
    },
    TIMEOUT_MS,
  );

  test(
    'the definition of SipCluster gets a field and loses a description, and is put back',
    async () => {
      const before = await scene.fleet.kubectl('get', CRD, '-o', 'json');
      const definition = JSON.parse(before) as {
        metadata: { resourceVersion?: string };
        spec: { versions: { schema: { openAPIV3Schema: { properties: { spec: Described } } } }[] };
      };
      const { spec } = definition.spec.versions[0]?.schema.openAPIV3Schema.properties ?? {};
      if (spec === undefined) throw new Error('the definition has no spec');
      spec.properties['next'] = { type: 'string' };
      delete spec.description;
      const old = JSON.parse(before) as typeof definition;
      delete old.metadata.resourceVersion;
      const faults = await scene.fleet.faultsWhile(scene.calls, async () => {
        await scene.fleet.kubectlWith(JSON.stringify(definition), 'replace', '-f', '-');
        await scene.fleet.kubectl(
          'patch',
          'sipcluster/edge',
          '--type=merge',
          '-p',
          '{"spec":{"next":"a","replicas":4}}',
        );
        await scene.fleet.settled(4);
        await scene.fleet.kubectlWith(JSON.stringify(old), 'replace', '-f', '-');
        await scene.fleet.kubectl('scale', 'sipcluster/edge', '--replicas=3');
        await scene.fleet.settled(3);
      });
      expect(faults).toEqual([]);
      expect(scene.fleet.at(scene.calls, await scene.fleet.pods())).toHaveLength(CALLS);
    },
    TIMEOUT_MS,
  );

  test(
    'the SipCluster is deleted with calls up: after deletionWait both sides of each get a BYE, and nothing is left',
    async () => {
      await scene.fleet.kubectl('delete', 'sipcluster', 'edge', '--wait=false');
      const up = (): string[] =>
        scene.calls.flatMap((call) =>
          TALK_ENDS.filter((end) => call[end].state !== 'ended').map((end) => call[end].name),
        );
      await until(() => up().length === 0, TIMEOUT_MS, 'all calls to be ended').catch(() => undefined);
      expect(up()).toEqual([]);
      const left = async (): Promise<number> => {
        const { pods, shards } = await scene.fleet.look();
        return pods.length + shards.length;
      };
      await until(async () => (await left()) === 0, TIMEOUT_MS, 'everything to go');
    },
    TIMEOUT_MS,
  );
});

interface Described {
  description?: string;
  properties: Record<string, unknown>;
}

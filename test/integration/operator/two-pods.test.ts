import { afterEach, describe, expect, test } from '@jest/globals';
import type { SipCluster } from '../../../src/api/sip-cluster-type.ts';
import { DIALOG_SHARDS, SIP_CLUSTERS } from '../../../src/kube/kinds.ts';
import type { MemoryKubernetes } from '../../../src/local/kubernetes/memory-api.ts';
import { MeshNode } from '../../../src/mesh/mesh-node.ts';
import type { VoterStore } from '../../../src/mesh/voter-store.ts';
import { OperatorMetrics } from '../../../src/operator/metrics.ts';
import { quietInstruments } from '../../../src/operator/vote/quiet-instruments.ts';
import { openWitnessNode } from '../../../src/operator/vote/witness-node.ts';
import { Witness, type WitnessState } from '../../../src/operator/vote/witness.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import { dialogShard, NAMESPACE, newKubernetes, sipCluster } from '../../unit/operator/memory.ts';
import { silentLog, until } from '../../unit/operator/support.ts';
import { TEST_KEY } from './fake-control-server.ts';

const LIMIT_MS = 60_000;
const SUSPECT_AFTER_MS = 500;
const TAGS = ['edge-00', 'edge-01'];
const OPERATOR = 'operator.1';

let networks = 0;
const cleanUp: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const act of cleanUp.splice(0).reverse()) await act();
});

/** Two pods with real meshes, and the operator's vote between them. */
class TwoPods {
  readonly api: MemoryKubernetes = newKubernetes();
  readonly pods = new Map<string, MeshNode>();
  readonly #network = `127.78.${++networks}`;
  readonly #stores = new Map<string, VoterStore>();
  cluster!: SipCluster;

  async start(): Promise<void> {
    this.cluster = await this.api.create(SIP_CLUSTERS, sipCluster('edge'));
    for (const tag of TAGS) await this.api.create(DIALOG_SHARDS, dialogShard('edge', tag));
    await this.startPod('edge-0.aaaa');
    await this.startPod('edge-1.bbbb');
  }

  /** Its memory as a voter outlives the process. */
  async startPod(pod: string): Promise<MeshNode> {
    const store = this.#stores.get(pod) ?? memoryStore();
    this.#stores.set(pod, store);
    const node = await MeshNode.open({
      config: {
        ...{ cluster: 'edge', pod, role: 'proxy', shards: TAGS, placement: {} },
        roster: { number: 0, members: [] },
        mesh: { bind: { address: this.#address(pod), port: 7946 }, keys: [TEST_KEY], probeIntervalMs: 50 },
        replication: { factor: 1, durability: 'acknowledged', protectTimeoutMs: 50 },
        failover: { suspectAfterMs: SUSPECT_AFTER_MS, delayMs: 0, trustReset: true },
      },
      ...{ store, source: { read: () => undefined }, onEffect: () => undefined },
      ...{ log: silentLog, metrics: quietInstruments(new OperatorMetrics()) },
      ...{ clock: systemClock, random: () => Math.random() },
    });
    this.pods.set(pod, node);
    cleanUp.push(() => node.stop());
    await node.start();
    const { roster, peers, tags } = this.state();
    node.setPeers(peers);
    node.setTags(tags);
    node.adoptRoster({ ...roster, floor: new Map() });
    return node;
  }

  async stopPod(pod: string): Promise<void> {
    await this.pods.get(pod)?.stop();
    this.pods.delete(pod);
  }

  state(witnessPort = 7946): WitnessState {
    const members = [
      { pod: 'edge-0.aaaa', role: 'proxy', mesh: `${this.#address('edge-0.aaaa')}:7946` },
      { pod: 'edge-1.bbbb', role: 'proxy', mesh: `${this.#address('edge-1.bbbb')}:7946` },
      { pod: OPERATOR, role: 'witness', mesh: `${this.#network}.1:${witnessPort}` },
    ] as const;
    return {
      roster: { number: 1, members: [...members], floor: {} },
      peers: members.map((member) => ({ ...member, node: '', zone: '' })),
      tags: TAGS.map((tag) => ({ tag, group: '', placement: ['edge-0.aaaa', 'edge-1.bbbb'] })),
      ...{ keys: [TEST_KEY], suspectAfterMs: SUSPECT_AFTER_MS, trustReset: true },
    };
  }

  /** An operator that votes from this port; the pods are told where it is. */
  vote(port = 7946, leads: () => boolean = () => true): Witness {
    const state = this.state(port);
    const witness = new Witness({
      open: (wanted, onConflict) =>
        openWitnessNode(
          {
            ...{ api: this.api, cluster: this.cluster.metadata, member: OPERATOR, leads },
            bind: { address: `${this.#network}.1`, port },
            ...{ knownEpochs: () => ({}), clock: systemClock, random: () => Math.random(), log: silentLog },
            metrics: new OperatorMetrics(),
          },
          wanted,
          onConflict,
        ),
      ...{ onChange: () => undefined, random: () => Math.random(), log: silentLog },
    });
    cleanUp.push(() => witness.stop());
    witness.set(state);
    for (const pod of this.pods.values()) pod.setPeers(state.peers);
    return witness;
  }

  owns(pod: string): boolean {
    return TAGS.every((tag) => this.pods.get(pod)?.mayAct(tag) === true);
  }

  async votes(): Promise<unknown[]> {
    const { items } = await this.api.list(DIALOG_SHARDS, { namespace: NAMESPACE });
    return items.map(({ status }) => status?.vote);
  }

  #address(pod: string): string {
    return `${this.#network}.${pod === 'edge-0.aaaa' ? 2 : 3}`;
  }
}

function memoryStore(): VoterStore {
  let stored: Uint8Array | undefined;
  return {
    read: () => Promise.resolve(stored),
    write: (bytes) => {
      stored = bytes;
      return Promise.resolve();
    },
  };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('two pods and the operator', () => {
  test(
    'the survivor takes over with the vote of the operator, which is written before',
    async () => {
      const two = new TwoPods();
      await two.start();
      two.vote();
      await until(() => two.owns('edge-0.aaaa'));
      await two.stopPod('edge-0.aaaa');
      await until(() => two.owns('edge-1.bbbb'));
      const epoch = two.pods.get('edge-1.bbbb')?.ownerOf('edge-00')?.epoch;
      expect(epoch).toBeGreaterThan(1);
      expect(await two.votes()).toMatchObject(TAGS.map(() => ({ pod: 'edge-1.bbbb' })));
    },
    LIMIT_MS,
  );

  test(
    'the next operator, elsewhere, knows what the one before voted, and is heard without a new roster',
    async () => {
      const two = new TwoPods();
      await two.start();
      const first = two.vote();
      await until(() => two.owns('edge-0.aaaa'));
      await first.stop();
      await two.stopPod('edge-0.aaaa');
      await pause(3 * SUSPECT_AFTER_MS);
      // Trace 13: alone it takes over nothing.
      expect(TAGS.some((tag) => two.pods.get('edge-1.bbbb')?.mayAct(tag) === true)).toBe(false);
      const second = two.vote(7950);
      await until(() => second.vote !== undefined);
      await until(() => two.owns('edge-1.bbbb'));
      const granted = (await two.votes()) as { epoch: number }[];
      expect(granted.every(({ epoch }) => epoch > 1)).toBe(true);
      expect(second.vote?.granted['edge-00']).toBe(granted[0]?.epoch);
    },
    LIMIT_MS,
  );

  test(
    'an operator that may not lead any more renews nobody and grants nothing',
    async () => {
      const two = new TwoPods();
      await two.start();
      let leads = true;
      two.vote(7946, () => leads);
      await until(() => two.owns('edge-0.aaaa'));
      leads = false;
      await two.stopPod('edge-1.bbbb');
      await until(() => !TAGS.some((tag) => two.pods.get('edge-0.aaaa')?.mayAct(tag) === true));
      expect(two.owns('edge-0.aaaa')).toBe(false);
      leads = true;
      await until(() => two.owns('edge-0.aaaa'));
    },
    LIMIT_MS,
  );

  test(
    'both pods come back with their tags after all three were gone',
    async () => {
      const two = new TwoPods();
      await two.start();
      const first = two.vote();
      await until(() => two.owns('edge-0.aaaa'));
      await first.stop();
      for (const pod of ['edge-0.aaaa', 'edge-1.bbbb']) await two.stopPod(pod);
      for (const pod of ['edge-0.aaaa', 'edge-1.bbbb']) await two.startPod(pod);
      two.vote();
      await until(() => TAGS.every((tag) => [...two.pods.values()].some((pod) => pod.mayAct(tag))), 30_000);
      const epochs = TAGS.map((tag) => [...two.pods.values()][0]?.ownerOf(tag)?.epoch);
      expect(epochs.every((epoch) => epoch !== undefined && epoch > 1)).toBe(true);
    },
    LIMIT_MS,
  );
});

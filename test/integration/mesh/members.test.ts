import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { PeerConfig, RosterConfig } from '../../../src/gossip/index.ts';
import { TestCluster, until, type TestPod } from './mesh-cluster.ts';

const PODS = ['edge-0', 'edge-1', 'edge-2'];
const TAG = 'edge-00';

/** Pods as an operator makes them: they know their own address and the key, and are told everything else. */
describe('members that are told whom to talk to', () => {
  let cluster: TestCluster;
  let pods: TestPod[];

  beforeEach(async () => {
    cluster = await TestCluster.create(PODS, []);
    const roster = { number: 0, members: [] };
    pods = await Promise.all(PODS.map((pod) => cluster.start(cluster.config(pod, { roster }))));
  });

  afterEach(async () => {
    await cluster.end();
  });

  function addressOf(pod: string): string {
    const { address, port } = cluster.place(pod);
    return `${address}:${String(port)}`;
  }

  function setPeers(names: readonly string[]): void {
    const peers = names.map((pod): PeerConfig => ({
      pod,
      role: 'proxy',
      mesh: addressOf(pod),
      node: pod,
      zone: '',
    }));
    for (const { node } of pods) node.setPeers(peers);
  }

  function setTags(): void {
    for (const { node } of pods) node.setTags([{ tag: TAG, placement: ['edge-1', 'edge-2'] }]);
  }

  function roster(number: number, names: readonly string[]): RosterConfig {
    return { number, members: names.map((pod) => ({ pod, role: 'proxy', mesh: addressOf(pod) })) };
  }

  const linked = (pod: TestPod): string[] =>
    pod.node
      .report()
      .members.filter((member) => member.linked)
      .map((member) => member.pod);

  const voters = (pod: TestPod): boolean => pod.node.report().voter;

  it('link, take a roster from each other, and own what they are told to', async () => {
    setPeers(PODS);
    setTags();
    await until('all linked', () => pods.every((pod) => linked(pod).length === 2));
    expect(pods.some(voters)).toBe(false);
    pods[0]?.node.adoptRoster(roster(1, PODS));
    await until('all have a vote', () => pods.every(voters));
    await until('the pod that is named first acts', () => pods[1]?.node.mayAct(TAG));
    await until('with the standby that is named, and another one', () =>
      pods[1]?.seen('standbys').some(({ inSync }) => inSync === 2),
    );
    const [tag] = pods[1]?.node.report().tags ?? [];
    expect(tag?.standbys).toEqual(['edge-2', 'edge-0']);
  });

  it('learn where a voter is from the roster alone', async () => {
    for (const { node } of pods) node.adoptRoster(roster(1, PODS));
    await until('all have a vote', () => pods.every(voters));
    await until('all linked', () => pods.every((pod) => linked(pod).length === 2));
    expect(pods.map((pod) => pod.node.report().roster.number)).toEqual([1, 1, 1]);
  });

  it('close their streams with who is none of them any more', async () => {
    setPeers(PODS);
    await until('all linked', () => pods.every((pod) => linked(pod).length === 2));
    setPeers(PODS.slice(0, 2));
    await until('edge-2 is alone', () => pods.slice(2).every((pod) => linked(pod).length === 0));
    expect(pods.slice(0, 2).map(linked)).toEqual([['edge-1'], ['edge-0']]);
    setPeers(PODS);
    await until('all linked again', () => pods.every((pod) => linked(pod).length === 2));
  });
});

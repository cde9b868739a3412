import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TestCluster, until, type TestPod } from './mesh-cluster.ts';

const PODS = ['edge-0', 'edge-1', 'edge-2'];
const TAG = 'edge-00';

describe('three members with real sockets', () => {
  let cluster: TestCluster;
  let pods: TestPod[];

  beforeEach(async () => {
    cluster = await TestCluster.create(PODS, [TAG]);
    pods = await Promise.all(PODS.map((pod) => cluster.start(cluster.config(pod))));
  });

  afterEach(async () => {
    await cluster.end();
  });

  const owner = (): Promise<TestPod> =>
    until('one pod owns the tag and may act', () =>
      [...cluster.running].find(({ node }) => node.mayAct(TAG)),
    );

  it('replicates a prompt change and a lazy one, and hears of both', async () => {
    const first = await owner();
    await until('standbys in sync', () => first.seen('standbys').some(({ inSync }) => inSync === 2));
    first.records.set('call', 'v1');
    const prompt = first.node.put({ tag: TAG, key: 'call', version: 1, prompt: true });
    await until('prompt one acknowledged', () =>
      first.seen('acknowledged').some(({ sequence }) => sequence >= prompt),
    );
    first.records.set('call', 'v2');
    const lazy = first.node.put({ tag: TAG, key: 'call', version: 2, prompt: false });
    expect(lazy).toBeGreaterThan(prompt);
    await until('lazy one acknowledged', () =>
      first.seen('acknowledged').some(({ sequence }) => sequence >= lazy),
    );
  });

  it('takes over from an owner that is gone, with its records, well before it would be called silent', async () => {
    const first = await owner();
    await until('standbys in sync', () => first.seen('standbys').some(({ inSync }) => inSync === 2));
    first.records.set('call', 'the record');
    const sequence = first.node.put({ tag: TAG, key: 'call', version: 1, prompt: true });
    await until('acknowledged', () =>
      first.seen('acknowledged').some((effect) => effect.sequence >= sequence),
    );
    await cluster.stop(first);
    const second = await owner();
    expect(second.records.get('call')).toBe('the record');
    const [takeover] = second.seen('takenOver');
    expect(takeover).toMatchObject({ tag: TAG, reason: 'dead', inSync: true, previous: { pod: first.name } });
    expect(takeover?.why).toContain('refuses connections');
  });

  it('lets a pod come back under a new boot id', async () => {
    const first = await owner();
    await cluster.stop(first);
    await owner();
    const again = await cluster.start(cluster.config(first.name));
    await until('it is linked with both', () => again.node.report().members.every(({ linked }) => linked));
    expect(again.node.mayAct(TAG)).toBe(false);
    expect(again.node.ownerOf(TAG)?.pod).not.toBe(first.name);
  });

  it('carries payloads', async () => {
    const [a, b] = pods as [TestPod, TestPod];
    await until('sent', () => a.node.send('edge-1', Buffer.from('hello')));
    const payload = await until('received', () => b.seen('payload')[0]);
    expect(payload.from).toBe('edge-0');
    expect(a.node.send('edge-9', Buffer.from('hello'))).toBe(false);
  });

  it('hands a tag over', async () => {
    const first = await owner();
    const to = await until('a standby in sync', () => first.node.report().tags[0]?.standbysInSync[0]);
    expect(first.node.handOver(TAG, to)).toBeUndefined();
    await until('the other one owns it', () =>
      [...cluster.running].find(({ name }) => name === to)?.node.mayAct(TAG),
    );
    expect(first.node.mayAct(TAG)).toBe(false);
    expect(first.seen('lost')).toHaveLength(1);
  });
});

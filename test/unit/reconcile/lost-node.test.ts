import { describe, expect, it } from '@jest/globals';
import { ANNOTATIONS } from '../../../src/api/annotations.ts';
import { plan } from '../../../src/reconcile/plan.ts';
import { OUT_OF_SERVICE } from '../../../src/reconcile/pod-view.ts';
import { checkPlan } from './invariants.ts';
import { members, said, settled } from './settled.ts';
import type { SimulatedCluster } from './world.ts';

function condition(cluster: SimulatedCluster, type: string): string {
  const found = cluster.status?.conditions.find((each) => each.type === type);
  return `${found?.status ?? ''} ${found?.reason ?? ''}`;
}

describe('a node that is lost with its pod, which nobody deletes', () => {
  it.each([1, 0])('has its pod replaced under a new name, and its voter (surge %i)', (maxSurge) => {
    const cluster = settled({ rollout: { maxSurge } });
    said(cluster);
    cluster.cutOff('edge-1');
    cluster.settle(300, checkPlan);
    // Its object stays for as long as its kubelet is away.
    expect(cluster.podNames).toEqual(['edge-0', 'edge-1', 'edge-2', 'edge-3']);
    expect(cluster.pod('edge-1').metadata.deletionTimestamp).toBeDefined();
    expect(members(cluster)).toEqual(['edge-0', 'edge-2', 'edge-3']);
    expect(cluster.owned()).toMatchObject({ 'edge-1': [] });
    expect(condition(cluster, 'Ready')).toBe('True AsDesired');
    expect(cluster.status).toMatchObject({ replicas: 3, readyReplicas: 3, phase: 'Ready' });
    expect(cluster.status?.pods.find(({ name }) => name === 'edge-1')).toMatchObject({ phase: 'Dead' });
    expect(said(cluster)).toMatchObject({ PodDied: 1, PodReplaced: 1 });
    // Drains go on beside what is left of it.
    expect(cluster.budget).toMatchObject({ minAvailable: 2 });
  });

  it('does no harm when it is back: its pod goes, and the others stay', () => {
    const cluster = settled();
    cluster.cutOff('edge-1');
    cluster.settle(300, checkPlan);
    cluster.heal('edge-1');
    cluster.settle(300, checkPlan);
    expect(cluster.podNames).toEqual(['edge-0', 'edge-2', 'edge-3']);
    expect(cluster.counts()).toEqual([4, 4, 4]);
  });

  it('that is back before its pod was replaced keeps it', () => {
    const cluster = settled();
    cluster.cutOff('edge-1');
    cluster.run(2, checkPlan);
    cluster.heal('edge-1');
    cluster.settle(300, checkPlan);
    expect(cluster.podNames).toHaveLength(3);
    expect(cluster.status?.phase).toBe('Ready');
  });

  it('is waited for while the other pods say that its pod is alive', () => {
    const cluster = settled();
    cluster.node('n1').ready = false;
    cluster.settle();
    expect(cluster.podNames).toEqual(['edge-0', 'edge-1', 'edge-2']);
    expect(condition(cluster, 'EvidenceAgrees')).toBe('False EvidenceDisagrees');
    expect(said(cluster)).toMatchObject({ EvidenceDisagrees: 1 });
    cluster.node('n1').ready = true;
    cluster.settle();
    expect(condition(cluster, 'EvidenceAgrees')).toBe('True AsDesired');
  });

  it.each([1, 0])(
    'before its pod had so much as an address has it replaced as well (surge %i)',
    (maxSurge) => {
      const cluster = settled({ rollout: { maxSurge } });
      cluster.breaks = { trouble: 'its image is being pulled', failed: false };
      cluster.kill('edge-1');
      cluster.run(2, checkPlan);
      cluster.breaks = undefined;
      const pod = cluster.pod('edge-1');
      pod.ip = '';
      cluster.node(pod.node).ready = false;
      // As the node controller does after its patience.
      pod.metadata.deletionTimestamp = new Date(cluster.nowMs).toISOString();
      cluster.settle(300, checkPlan);
      expect(cluster.podNames).toEqual(['edge-0', 'edge-1', 'edge-2', 'edge-3']);
      expect(condition(cluster, 'Ready')).toBe('True AsDesired');
    },
  );

  it('is known by its Lease before the node controller says so', () => {
    const cluster = settled();
    const node = cluster.node(cluster.pod('edge-1').node);
    node.heardAtMs = cluster.nowMs;
    cluster.cutOff('edge-1');
    node.ready = true;
    cluster.run(30, checkPlan);
    expect(cluster.podNames).toHaveLength(3);
    cluster.run(15, checkPlan);
    expect(cluster.podNames).toHaveLength(4);
  });
});

describe('two of three nodes that are lost', () => {
  it('leave a majority that nobody gives up but a person', () => {
    const cluster = settled();
    for (const name of ['edge-1', 'edge-2']) cluster.cutOff(name);
    cluster.run(120, checkPlan);
    expect(condition(cluster, 'Quorum')).toBe('False MajorityLost');
    expect(cluster.status?.roster?.generation).toBe(1);
    cluster.annotations[ANNOTATIONS.newRoster.key] = 'two nodes burnt';
    cluster.settle(300);
    expect(cluster.status?.roster?.generation).toBe(2);
    expect(condition(cluster, 'Ready')).toBe('True AsDesired');
  });

  it('are given up when a person says that they are out of service, or takes them away', () => {
    const cluster = settled();
    for (const name of ['edge-1', 'edge-2']) cluster.cutOff(name);
    cluster.run(20, checkPlan);
    cluster.node(cluster.pod('edge-1').node).taints = [OUT_OF_SERVICE];
    const node = cluster.node(cluster.pod('edge-2').node);
    cluster.nodes.splice(cluster.nodes.indexOf(node), 1);
    cluster.settle(300);
    expect(cluster.status?.roster?.generation).toBe(2);
    expect(condition(cluster, 'Ready')).toBe('True AsDesired');
  });
});

describe('pods of a former cluster of the same name', () => {
  it('keep their names, and count for nothing', () => {
    const cluster = settled();
    const observed = cluster.observed();
    const status = observed.cluster.status;
    if (status !== undefined) delete status.roster;
    const { steps } = plan({ ...observed, pods: [], takenNames: ['edge-0', 'edge-2'] }, cluster.nowMs);
    const made = steps.flatMap((step) => (step.type === 'createPod' ? [step.name] : []));
    expect(made).toEqual(['edge-1', 'edge-3', 'edge-4']);
  });
});

describe('an operator that may not see nodes', () => {
  it('says so, works, and replaces a lost pod when Kubernetes has given it up', () => {
    const cluster = settled();
    cluster.nodesHidden = 'nodes is forbidden';
    cluster.settle(300, checkPlan);
    expect(condition(cluster, 'NodesVisible')).toBe('False NodesForbidden');
    cluster.change({ replicas: 4 });
    cluster.settle(300, checkPlan);
    cluster.cutOff('edge-1');
    cluster.run(20, checkPlan);
    expect(cluster.podNames).toHaveLength(4);
    cluster.delete('edge-1');
    cluster.settle(300, checkPlan);
    expect(members(cluster)).toEqual(['edge-0', 'edge-2', 'edge-3', 'edge-4']);
  });
});

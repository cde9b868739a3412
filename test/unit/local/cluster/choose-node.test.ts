import { describe, expect, test } from '@jest/globals';
import type { Node, Pod } from '../../../../src/kube/objects.ts';
import { chooseNode } from '../../../../src/local/cluster/choose-node.ts';

function node(name: string, spec: Node['spec'] = {}, labels: Record<string, string> = {}): Node {
  const conditions = [{ type: 'Ready', status: 'True' as const }];
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, spec, status: { conditions } };
}

function pod(nodeName: string, cluster = 'edge', spec: Record<string, unknown> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', labels: { 'sip.rehome.dev/cluster': cluster } },
    spec: { containers: [], ...(nodeName === '' ? {} : { nodeName }), ...spec },
  };
}

const NODES = [node('node-0'), node('node-1'), node('node-2')];

describe('the node for a pod', () => {
  test('is the one with the fewest pods of its cluster', () => {
    const pods = [pod('node-0'), pod('node-1', 'core'), pod('node-1', 'core'), pod('node-2')];
    expect(chooseNode(pod(''), NODES, pods)).toEqual({ node: 'node-1' });
  });

  test('is then the one with the fewest pods, then the first by name', () => {
    const pods = [pod('node-0', 'core')];
    expect(chooseNode(pod(''), NODES, pods)).toEqual({ node: 'node-1' });
    expect(chooseNode(pod(''), NODES, [])).toEqual({ node: 'node-0' });
  });

  test('does not count pods that have ended', () => {
    const ended: Pod = { ...pod('node-0'), status: { phase: 'Failed' } };
    expect(chooseNode(pod(''), NODES, [ended, pod('node-1'), pod('node-2')])).toEqual({ node: 'node-0' });
  });

  test('has the labels that the pod selects', () => {
    const nodes = [node('node-0'), node('node-1', {}, { disk: 'fast' })];
    const selecting = pod('', 'edge', { nodeSelector: { disk: 'fast' } });
    expect(chooseNode(selecting, nodes, [pod('node-1')])).toEqual({ node: 'node-1' });
  });

  test('has no taint that the pod does not tolerate', () => {
    const taints = [{ key: 'lab', value: 'yes', effect: 'NoSchedule' }];
    const nodes = [node('node-0', { taints }), node('node-1')];
    expect(chooseNode(pod(''), nodes, [pod('node-1')])).toEqual({ node: 'node-1' });
    for (const toleration of [
      { key: 'lab', value: 'yes' },
      { key: 'lab', operator: 'Exists', effect: 'NoSchedule' },
      { operator: 'Exists' },
    ]) {
      const tolerant = pod('', 'edge', { tolerations: [toleration] });
      expect(chooseNode(tolerant, nodes, [pod('node-1')])).toEqual({ node: 'node-0' });
    }
  });

  test("has its ports free if the pod uses its node's address", () => {
    const ports = (port: number): Record<string, unknown> => ({
      hostNetwork: true,
      containers: [{ name: 'proxy', image: 'x', ports: [{ containerPort: port, protocol: 'UDP' }] }],
    });
    const nodes = [node('node-0'), node('node-1')];
    const pods = [pod('node-0', 'core', ports(5060)), pod('node-1'), pod('node-1')];
    expect(chooseNode(pod('', 'edge', ports(5060)), nodes, pods)).toEqual({ node: 'node-1' });
    expect(chooseNode(pod('', 'edge', ports(5070)), nodes, pods)).toEqual({ node: 'node-0' });
    expect(chooseNode(pod('', 'edge', { ...ports(5060), hostNetwork: false }), nodes, pods)).toEqual({
      node: 'node-0',
    });
  });

  test('is none, and the reasons are counted', () => {
    const unready: Node = {
      ...node('node-3'),
      status: { conditions: [{ type: 'Ready', status: 'Unknown' }] },
    };
    const nodes = [node('node-0', { unschedulable: true }), node('node-1', { unschedulable: true }), unready];
    expect(chooseNode(pod(''), nodes, [])).toEqual({
      reason: '0/3 nodes are available: 2 node(s) were unschedulable, 1 node(s) were not ready.',
    });
  });
});

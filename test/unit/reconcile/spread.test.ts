import { describe, expect, it } from '@jest/globals';
import { settled } from './settled.ts';
import type { SimulatedCluster } from './world.ts';

function spread({ status }: SimulatedCluster): string {
  const { status: is, message } = status?.conditions.find(({ type }) => type === 'Spread') ?? {};
  return `${is ?? ''}: ${message ?? ''}`;
}

describe('pods that share a node', () => {
  it('are named after a drain, until one is deleted and its successor goes elsewhere', () => {
    const cluster = settled();
    expect(spread(cluster)).toMatch(/^True/);
    cluster.node('n1').unschedulable = true;
    cluster.settle();
    cluster.node('n1').unschedulable = false;
    cluster.settle();
    expect(spread(cluster)).toBe(
      'False: edge-1, edge-3 are on node n2: with it a majority of the voters would be lost',
    );
    cluster.delete('edge-3');
    cluster.settle();
    expect(cluster.pods.map(({ node }) => node).sort()).toEqual(['n1', 'n2', 'n3']);
    expect(spread(cluster)).toMatch(/^True/);
  });

  it('are nothing to speak of while a majority would outlive their node', () => {
    const cluster = settled({ replicas: 5 }, ['n1', 'n2', 'n3', 'n4']);
    expect(cluster.pods.filter(({ node }) => node === 'n1')).toHaveLength(2);
    expect(spread(cluster)).toMatch(/^True/);
  });

  it('with the operator as a third voter are two as well, and one alone is not', () => {
    expect(spread(settled({ replicas: 2 }, ['n1']))).toMatch(/^False: edge-0, edge-1/);
    expect(spread(settled({ replicas: 1 }, ['n1']))).toMatch(/^True/);
  });
});

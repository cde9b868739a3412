import { describe, expect, test } from '@jest/globals';
import { Witness, type WitnessNode, type WitnessState } from '../../../src/operator/vote/witness.ts';
import { silentLog, until } from './support.ts';

class FakeNode implements WitnessNode {
  readonly calls: string[] = [];
  readonly #isTaken: boolean;
  number = 0;
  /** `isTaken`: whether its address is. */
  constructor(isTaken = false) {
    this.#isTaken = isTaken;
  }
  start(): Promise<void> {
    this.calls.push('start');
    return this.#isTaken ? Promise.reject(new Error('the address is taken')) : Promise.resolve();
  }
  stop(): Promise<void> {
    this.calls.push('stop');
    return Promise.resolve();
  }
  adoptRoster({ number }: { number: number }): void {
    this.calls.push(`roster ${number}`);
    this.number = number;
  }
  setKeys(keys: readonly { id: string }[]): void {
    this.calls.push(`keys ${keys.map(({ id }) => id).join()}`);
  }
  setPeers(): void {
    this.calls.push('peers');
  }
  setTags(): void {
    this.calls.push('tags');
  }
  vote(): { rosterNumber: number; granted: Record<string, number> } {
    return { rosterNumber: this.number, granted: {} };
  }
}

const state = (number: number, change: Partial<WitnessState> = {}): WitnessState => ({
  roster: { number, members: [], floor: {} },
  ...{ peers: [], tags: [], suspectAfterMs: 1000, trustReset: true },
  keys: [{ id: 'k1', secret: 'secret' }],
  ...change,
});

function newWitness(): {
  witness: Witness;
  nodes: FakeNode[];
  conflicts: (() => void)[];
  refuse: (times: number) => void;
  take: (times: number) => void;
} {
  const nodes: FakeNode[] = [];
  const conflicts: (() => void)[] = [];
  let refusals = 0;
  let taken = 0;
  const witness = new Witness({
    open: (_state, onConflict) => {
      if (refusals-- > 0) return Promise.reject(new Error('the API is away'));
      const node = new FakeNode(taken-- > 0);
      nodes.push(node);
      conflicts.push(onConflict);
      return Promise.resolve(node);
    },
    onChange: () => undefined,
    random: () => 0.5,
    log: silentLog,
  });
  return {
    ...{ witness, nodes, conflicts },
    refuse: (times) => {
      refusals = times;
    },
    take: (times) => {
      taken = times;
    },
  };
}

describe('the operator as a voter', () => {
  test('joins once, and is told of each new roster', async () => {
    const { witness, nodes } = newWitness();
    witness.set(state(3));
    witness.set(state(4));
    await until(() => nodes[0]?.number === 4);
    witness.set(state(5));
    expect(nodes).toHaveLength(1);
    expect(witness.vote).toEqual({ rosterNumber: 5, granted: {} });
    await witness.stop();
    expect(nodes[0]?.calls.at(-1)).toBe('stop');
    expect(witness.vote).toBeUndefined();
  });

  test('leaves and reads all votes anew after a conflict', async () => {
    const { witness, nodes, conflicts } = newWitness();
    witness.set(state(3));
    await until(() => nodes[0]?.number === 3);
    conflicts[0]?.();
    await until(() => nodes[1]?.number === 3);
    expect(nodes[0]?.calls).toContain('stop');
    await witness.stop();
  });

  test('joins though it was not needed at first, and again after it was not needed for a while', async () => {
    const { witness, nodes } = newWitness();
    witness.set(undefined);
    witness.set(state(3));
    await until(() => nodes[0]?.number === 3);
    witness.set(undefined);
    await until(() => nodes[0]?.calls.at(-1) === 'stop');
    witness.set(state(4));
    await until(() => nodes[1]?.number === 4);
    expect(nodes).toHaveLength(2);
    await witness.stop();
  });

  test('takes new keys and stays', async () => {
    const { witness, nodes } = newWitness();
    witness.set(state(3));
    await until(() => nodes[0]?.number === 3);
    witness.set(state(3, { keys: [{ id: 'k2', secret: 'another' }] }));
    expect(nodes[0]?.calls).toContain('keys k2');
    expect(nodes).toHaveLength(1);
    await witness.stop();
  });

  test('tries again while it cannot read its votes, and stops trying when it is not needed', async () => {
    const { witness, nodes, refuse } = newWitness();
    refuse(1);
    witness.set(state(3));
    await until(() => nodes[0]?.number === 3);
    await witness.stop();
    refuse(1000);
    witness.set(state(4));
    await witness.stop();
    expect(nodes).toHaveLength(1);
  });

  test('does not stay when it was stopped while it joined', async () => {
    const { witness, nodes } = newWitness();
    witness.set(state(3));
    await witness.stop();
    expect(nodes[0]?.calls.at(-1)).toBe('stop');
  });

  test('leaves nothing open of a node whose address was taken, and joins when it is free', async () => {
    const { witness, nodes, take } = newWitness();
    take(2);
    witness.set(state(3));
    await until(() => nodes[2]?.number === 3);
    expect(nodes.map(({ calls }) => calls.slice(0, 2))).toEqual([
      ['start', 'stop'],
      ['start', 'stop'],
      ['start', 'keys k1'],
    ]);
    await witness.stop();
  });
});

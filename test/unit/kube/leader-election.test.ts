import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { LeaderElection } from '../../../src/kube/leader-election.ts';
import { LEASES } from '../../../src/kube/kinds.ts';
import type { Lease } from '../../../src/kube/objects.ts';
import type { MemoryKubernetes } from '../../../src/local/kubernetes/memory-api.ts';
import { FaultyApi, NO_FAULTS } from '../../sim/faulty-api.ts';
import { seededRandom } from '../../sim/random.ts';
import { memoryKubernetes } from './memory-kubernetes.ts';
import { VirtualClock } from './virtual-clock.ts';

const LEASE = { namespace: 'rehome-system', name: 'rehome-operator' };

describe('leader election', () => {
  let memory: MemoryKubernetes;
  let clock: VirtualClock;
  let log: string[];
  let candidates: LeaderElection[];

  beforeEach(() => {
    memory = memoryKubernetes();
    clock = new VirtualClock();
    log = [];
    candidates = [];
  });

  afterEach(async () => {
    await Promise.all(candidates.map((candidate) => candidate.stop()));
  });

  function candidate(identity: string, seed = 1): { election: LeaderElection; api: FaultyApi } {
    const api = new FaultyApi(memory, { random: seededRandom(seed), faults: NO_FAULTS });
    const election = new LeaderElection({
      api,
      lease: LEASE,
      identity,
      clock,
      wallMs: () => clock.nowMs(),
      random: seededRandom(seed),
      onStarted: (term) => {
        log.push(`${identity} leads ${String(term)}`);
      },
      onStopped: () => {
        log.push(`${identity} follows`);
      },
    });
    candidates.push(election);
    election.start();
    return { election, api };
  }

  function lease(): Promise<Lease> {
    return memory.get(LEASES, LEASE);
  }

  test('the first one leads and keeps renewing, a second one waits', async () => {
    const { election } = candidate('a');
    await clock.advance(0);
    candidate('b', 2);
    await clock.advance(120_000);
    expect(log).toEqual(['a leads 1']);
    expect(election.term).toBe(1);
    expect(election.leadingUntilMs - clock.nowMs()).toBeGreaterThan(7000);
    expect((await lease()).spec).toMatchObject({
      holderIdentity: 'a',
      leaseDurationSeconds: 15,
      acquireTime: '1970-01-01T00:00:00.000000Z',
    });
  });

  test('a leader that is stopped makes room at once', async () => {
    const { election } = candidate('a');
    await clock.advance(0);
    const { election: other } = candidate('b', 2);
    await clock.advance(30_000);
    await election.stop();
    expect((await lease()).spec.holderIdentity).toBe('');
    await clock.advance(5000);
    expect(log).toEqual(['a leads 1', 'a follows', 'b leads 2']);
    expect(other.term).toBe(2);
  });

  test('a leader that is cut off stops leading before another may begin', async () => {
    const { election, api } = candidate('a');
    await clock.advance(0);
    candidate('b', 2);
    await clock.advance(30_000);
    api.faults.lostRequest = 1;
    const until = election.leadingUntilMs;
    await clock.advance(until - clock.nowMs() - 1);
    expect(election.isLeading()).toBe(true);
    await clock.advance(1);
    expect(election.isLeading()).toBe(false);
    expect(log).toEqual(['a leads 1', 'a follows']);
    await clock.advance(20_000);
    expect(log).toEqual(['a leads 1', 'a follows', 'b leads 2']);
    api.faults.lostRequest = 0;
    await clock.advance(60_000);
    expect(log).toHaveLength(3);
  });

  test('times that others wrote say nothing', async () => {
    const renewTime = '1999-01-01T00:00:00.000000Z';
    const spec = { holderIdentity: 'x', leaseDurationSeconds: 15, renewTime, leaseTransitions: 7 };
    await memory.create(LEASES, {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: LEASE,
      spec,
    });
    candidate('a');
    await clock.advance(14_000);
    expect(log).toEqual([]);
    await clock.advance(10_000);
    expect(log).toEqual(['a leads 8']);
  });

  test('a write whose answer was lost is not believed, but the next one is a renewal of it', async () => {
    const { api, election } = candidate('a');
    api.faults.lostAnswer = 1;
    await clock.advance(0);
    expect((await lease()).spec.holderIdentity).toBe('a');
    expect(election.isLeading()).toBe(false);
    api.faults.lostAnswer = 0;
    await clock.advance(6000);
    expect(election.isLeading()).toBe(true);
  });

  test('a renewal that is answered after the leadership ended begins another one', async () => {
    const { api, election } = candidate('a');
    await clock.advance(1000);
    const patch = api.patch.bind(api);
    let delayMs = 9000;
    const slow: typeof api.patch = async (...given) => {
      const stored = await patch(...given);
      if (delayMs > 0) {
        await new Promise<void>((resolve) => {
          clock.after(delayMs, resolve);
        });
      }
      return stored;
    };
    Object.assign(api, { patch: slow });
    await clock.advance(10_500);
    expect(log).toEqual(['a leads 1', 'a follows']);
    delayMs = 0;
    await clock.advance(10_000);
    expect(log).toEqual(['a leads 1', 'a follows', 'a leads 2']);
    expect(election.term).toBe(2);
  });

  test('a Lease that somebody deletes is made again with the term that goes on', async () => {
    const { election } = candidate('a');
    await clock.advance(0);
    const { election: other } = candidate('b', 2);
    await clock.advance(10_000);
    await election.stop();
    await clock.advance(10_000);
    expect(other.term).toBe(2);
    await memory.delete(LEASES, LEASE);
    await clock.advance(2000);
    expect(other.term).toBe(2);
    expect((await lease()).spec).toMatchObject({ holderIdentity: 'b', leaseTransitions: 2 });
  });

  test('a Lease whose making is answered too late is not believed', async () => {
    const { api } = candidate('a');
    const create = api.create.bind(api);
    const slow: typeof api.create = async (...given) => {
      const stored = await create(...given);
      await new Promise<void>((resolve) => {
        clock.after(11_000, resolve);
      });
      return stored;
    };
    Object.assign(api, { create: slow });
    await clock.advance(11_500);
    expect(log).toEqual([]);
    await clock.advance(10_000);
    expect(log).toEqual(['a leads 2']);
  });

  test('two never lead at a time, and no term is used twice, whatever fails', async () => {
    const names = ['a', 'b', 'c'];
    const made = names.map((name, index) => candidate(name, index + 1));
    const random = seededRandom(42);
    let leaderless = 0;
    for (let second = 0; second < 1200; second++) {
      for (const { api } of made) {
        const sick = random() < 0.3;
        Object.assign(api.faults, {
          lostRequest: sick ? 0.8 : 0,
          lostAnswer: sick ? 0.3 : 0,
          staleRead: 0.2,
        });
      }
      await clock.advance(1000);
      const leading = made.filter(({ election }) => election.isLeading());
      expect(leading.length).toBeLessThanOrEqual(1);
      if (leading.length === 0) leaderless++;
    }
    const terms = log.filter((line) => line.includes('leads')).map((line) => Number(line.split(' ').at(-1)));
    expect(terms).toEqual([...new Set(terms)].sort((x, y) => x - y));
    expect(leaderless).toBeLessThan(600);
  });
});

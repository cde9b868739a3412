import { beforeEach, describe, expect, test } from '@jest/globals';
import type { SipCluster } from '../../../src/api/sip-cluster-type.ts';
import { EventRecorder, type Happening } from '../../../src/kube/event-recorder.ts';
import { EVENTS, SIP_CLUSTERS } from '../../../src/kube/kinds.ts';
import type { KubeEvent } from '../../../src/kube/objects.ts';
import type { MemoryKubernetes } from '../../../src/local/kubernetes/memory-api.ts';
import { FaultyApi, NO_FAULTS } from '../../sim/faulty-api.ts';
import { memoryKubernetes } from './memory-kubernetes.ts';
import { cluster } from './samples.ts';
import { VirtualClock } from './virtual-clock.ts';

const MOVED: Happening = { type: 'Normal', reason: 'ShardMoved', action: 'Move', note: 't1 went to edge-1' };

describe('an event recorder', () => {
  let memory: MemoryKubernetes;
  let faulty: FaultyApi;
  let clock: VirtualClock;
  let recorder: EventRecorder;
  let failures: number;
  let dropped: number;
  let edge: SipCluster;

  beforeEach(async () => {
    memory = memoryKubernetes();
    faulty = new FaultyApi(memory, { random: () => 0, faults: NO_FAULTS });
    clock = new VirtualClock();
    failures = 0;
    dropped = 0;
    edge = await memory.create(SIP_CLUSTERS, cluster());
    recorder = new EventRecorder({
      api: faulty,
      clock,
      wallMs: () => Date.UTC(2026, 0, 1) + clock.nowMs(),
      controller: 'sip.rehome.dev/operator',
      instance: 'operator-0',
      onFailure: () => {
        failures++;
      },
      onDropped: () => {
        dropped++;
      },
    });
  });

  async function events(): Promise<KubeEvent[]> {
    await clock.advance(0);
    return (await memory.list(EVENTS, {})).items;
  }

  test('writes what happened, about whom and by whom', async () => {
    recorder.record(edge, MOVED);
    expect(await events()).toEqual([
      expect.objectContaining({
        ...MOVED,
        eventTime: '2026-01-01T00:00:00.000000Z',
        reportingController: 'sip.rehome.dev/operator',
        reportingInstance: 'operator-0',
        regarding: {
          apiVersion: 'sip.rehome.dev/v1alpha1',
          kind: 'SipCluster',
          namespace: 'default',
          name: 'edge',
          uid: edge.metadata.uid,
        },
      }),
    ]);
  });

  test('the same again is one event with a series, another note is another event', async () => {
    for (let times = 0; times < 5; times++) recorder.record(edge, MOVED);
    recorder.record(edge, { ...MOVED, note: 't2 went to edge-2' });
    await clock.advance(10_000);
    const [first, second] = await events();
    expect(first?.series).toEqual({ count: 5, lastObservedTime: '2026-01-01T00:00:10.000000Z' });
    expect(second).not.toHaveProperty('series');
  });

  test.each([
    ['a', 1024, 1024],
    ['a', 1025, 1021 + 3],
    ['ü', 512, 1024],
    ['ü', 513, 1020 + 3],
  ])('a note of %s, %i times, has no more bytes than the API takes', async (letter, times, bytes) => {
    recorder.record(edge, { ...MOVED, note: letter.repeat(times) });
    const [event] = await events();
    expect(Buffer.byteLength(event?.note ?? '')).toBe(bytes);
    expect(event?.note).toMatch(new RegExp(`^${letter}+…?$`));
  });

  test('a series ends when nothing came for six minutes', async () => {
    recorder.record(edge, MOVED);
    await clock.advance(7 * 60_000);
    recorder.record(edge, MOVED);
    expect(await events()).toHaveLength(2);
  });

  test('one object has no more than a hundred at once', async () => {
    for (let serial = 0; serial < 150; serial++)
      recorder.record(edge, { ...MOVED, note: `number ${String(serial)}` });
    expect(await events()).toHaveLength(100);
    expect(dropped).toBe(50);
    await clock.advance(20_000);
    recorder.record(edge, { ...MOVED, note: 'later' });
    expect(await events()).toHaveLength(101);
  });

  test('what cannot be written is told and hurts nobody; a series whose event is gone is made anew', async () => {
    faulty.faults.serverError = 1;
    recorder.record(edge, MOVED);
    expect(await events()).toEqual([]);
    expect(failures).toBe(1);
    faulty.faults.serverError = 0;
    recorder.record(edge, MOVED);
    await clock.advance(10_000);
    expect(await events()).toEqual([
      expect.objectContaining({ series: expect.objectContaining({ count: 2 }) }),
    ]);
  });
});

import { describe, expect, it } from '@jest/globals';
import type { Call } from '../../../../src/proxy/calls/call.ts';
import { Pipes } from '../../../../src/proxy/calls/pipes.ts';
import { sampleRecord } from '../../dialog/sample-record.ts';

function newCall(): Call {
  return { record: sampleRecord() };
}

describe('calls of a tag that was lost', () => {
  const [first, second, third] = [newCall(), newCall(), newCall()];

  it('come out together, each once, when the tag is this pod’s again', () => {
    const pipes = new Pipes();
    pipes.add('a', [first], 10);
    pipes.add('a', [first, second], 20);
    pipes.add('b', [third], 10);
    expect([...pipes.take('a')]).toEqual([first, second]);
    expect([...pipes.take('a')]).toEqual([]);
    expect([...pipes.take('b')]).toEqual([third]);
  });

  it('come out when 32 s are over, not before', () => {
    const pipes = new Pipes();
    pipes.add('a', [first], 10);
    pipes.add('b', [second], 20);
    expect(pipes.takeExpired(32_009)).toEqual([]);
    expect(pipes.takeExpired(32_010)).toEqual([first]);
    expect(pipes.takeExpired(32_030)).toEqual([second]);
    expect(pipes.takeExpired(40_000)).toEqual([]);
  });

  it('are known by whether an exchange goes on in them', () => {
    const pipes = new Pipes();
    pipes.add('a', [first, { ...second, finishingUntilMs: 5 }], 10);
    expect(pipes.finishing('a')).toHaveLength(1);
    expect(pipes.finishing('b')).toEqual([]);
  });
});

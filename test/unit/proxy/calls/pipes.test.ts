import { describe, expect, it } from '@jest/globals';
import { Pipes } from '../../../../src/proxy/calls/pipes.ts';
import { sampleRecord } from '../../dialog/sample-record.ts';

describe('calls of a tag that was lost', () => {
  const [first, second, third] = [
    { record: sampleRecord() },
    { record: sampleRecord() },
    { record: sampleRecord() },
  ];

  it('come out together when the tag is this pod’s again', () => {
    const pipes = new Pipes();
    pipes.add('a', [first], 10);
    pipes.add('a', [second], 20);
    pipes.add('b', [third], 10);
    expect(pipes.take('a')).toEqual([first, second]);
    expect(pipes.take('a')).toEqual([]);
    expect(pipes.take('b')).toEqual([third]);
  });

  it('come out when their time is over, not before', () => {
    const pipes = new Pipes();
    pipes.add('a', [first], 10);
    pipes.add('b', [second], 20);
    expect(pipes.takeExpired(9)).toEqual([]);
    expect(pipes.takeExpired(10)).toEqual([first]);
    expect(pipes.takeExpired(30)).toEqual([second]);
    expect(pipes.takeExpired(40)).toEqual([]);
  });
});

import { expect, test } from '@jest/globals';
import { mapReplaces } from '../../../src/dialog/replaces.ts';
import { sampleRecord } from './sample-record.ts';

function masked(): ReturnType<typeof sampleRecord> {
  const record = sampleRecord();
  Object.assign(record.legs[1], { callId: 'masked', localTag: 'mtag' });
  record.legs[0].localTag = 'mtag.1';
  return record;
}

test('a dialog that the caller names is named to the callee in its own words', () => {
  const value = 'call-1@192.0.2.10;from-tag=alice-tag;to-tag=mtag.1;early-only';
  expect(mapReplaces(value, masked(), 0)).toBe('masked;to-tag=bob-tag;from-tag=mtag;early-only');
});

test('and the other way round', () => {
  expect(mapReplaces('masked;to-tag=mtag;from-tag=bob-tag', masked(), 1)).toBe(
    'call-1@192.0.2.10;to-tag=alice-tag;from-tag=mtag.1',
  );
});

test('another dialog is none of its', () => {
  expect(mapReplaces('call-1@192.0.2.10;to-tag=x;from-tag=alice-tag', masked(), 0)).toBeUndefined();
});

import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeRecord, encodeRecord } from '../../../src/dialog/snapshot.ts';
import { ANSWER, SAMPLE_ID, sampleRecord, sampleWithOpenInvite } from './sample-record.ts';

const KEPT = new URL('../../wire/dialog-snapshots/', import.meta.url);

function keptBytes(name: string): Uint8Array {
  return Uint8Array.from(Buffer.from(readFileSync(new URL(name, KEPT), 'utf8').replace(/\s/g, ''), 'hex'));
}

describe('a record as bytes', () => {
  test.each([
    ['confirmed', sampleRecord()],
    ['with an open INVITE', sampleWithOpenInvite()],
  ])('comes back equal: %s', (_, record) => {
    expect(decodeRecord(encodeRecord(record))).toEqual(record);
  });

  test('keeps bytes above 127', () => {
    const record = sampleRecord();
    record.legs[0].remote = '"J\xfcrgen \xc3\xbc" <sip:j@x>';
    record.legs[1].local = record.legs[0].remote;
    expect(decodeRecord(encodeRecord(record))).toEqual(record);
  });

  test('comes back equal for any texts and numbers', () => {
    const latin1 = fc.string({
      unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
    });
    const count = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(
        latin1,
        latin1,
        fc.array(latin1.filter((text) => text !== '')),
        count,
        (one, other, routes, number) => {
          const record = sampleWithOpenInvite();
          Object.assign(record.legs[0], {
            callId: one,
            local: other,
            sdpSent: one,
            routeSet: routes,
            localCSeq: number,
          });
          Object.assign(record.legs[1], { callId: other, remote: other, sdpReceived: one, sdpSent: other });
          record.createdMs = number;
          expect(decodeRecord(encodeRecord(record))).toEqual(record);
        },
      ),
    );
  });

  test('keeps a description once for both legs', () => {
    const text = new TextDecoder().decode(encodeRecord(sampleRecord()));
    expect(text.split(ANSWER)).toHaveLength(2);
  });

  test('a call of ordinary size fits in 1.5 kB', () => {
    expect(encodeRecord(sampleRecord()).length).toBeLessThan(1_500);
  });
});

describe('bytes that are no record', () => {
  const whole = encodeRecord(sampleWithOpenInvite());

  test('every cut is refused', () => {
    for (let length = 0; length < whole.length; length++) {
      expect(decodeRecord(whole.subarray(0, length))).toBeUndefined();
    }
  });

  test('another version is refused', () => {
    const other = whole.slice();
    other[0] = 2;
    expect(decodeRecord(other)).toBeUndefined();
  });

  test('no bytes make it throw', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.nat(whole.length - 1),
        fc.nat(255),
        (noise, at, value) => {
          const bent = whole.slice();
          bent[at] = value;
          expect(() => [decodeRecord(Uint8Array.from([1, ...noise])), decodeRecord(bent)]).not.toThrow();
        },
      ),
    );
  });

  test('fields of a later version are passed over', () => {
    // Ids 200 (a number) and 201 (a text of 3 units) behind the known fields, in their place in table and text.
    const added = [0xa0, 0x06, 42, 0xa5, 0x06, 3];
    const textAt = new TextDecoder('latin1').decode(whole).indexOf(SAMPLE_ID);
    const table = whole.subarray(0, textAt - 1);
    const later = Uint8Array.from([...table, ...added, 0, ...whole.subarray(textAt), 97, 98, 99]);
    expect(decodeRecord(later)).toEqual(sampleWithOpenInvite());
  });
});

describe('bytes kept from each format', () => {
  test('there are some of format 1', () => {
    expect(readdirSync(KEPT)).toEqual(['v1-confirmed.hex', 'v1-open-invite.hex']);
  });

  test.each([
    ['v1-confirmed.hex', sampleRecord()],
    ['v1-open-invite.hex', sampleWithOpenInvite()],
  ])('%s is read', (name, record) => {
    expect(decodeRecord(keptBytes(name))).toEqual(record);
  });
});

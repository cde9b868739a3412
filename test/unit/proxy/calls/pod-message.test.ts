import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  decodePodMessage,
  encodePodMessage,
  type PodMessage,
} from '../../../../src/proxy/calls/pod-message.ts';

const flow = fc.record(
  {
    listener: fc.string(),
    transport: fc.constantFrom<'UDP' | 'TCP'>('UDP', 'TCP'),
    address: fc.string(),
    port: fc.nat(65_535),
    via: fc.string(),
  },
  { requiredKeys: ['listener', 'transport', 'address', 'port'] },
);
const text = fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('latin1'));
const record = fc.record({
  tag: fc.string(),
  id: fc.string(),
  epoch: fc.nat(),
  version: fc.maxSafeNat(),
  bytes: fc.uint8Array(),
});
const message: fc.Arbitrary<PodMessage> = fc.oneof(
  fc.record({ kind: fc.constant('handle' as const), flow, text }),
  fc.record({ kind: fc.constant('handle' as const), flow, text, record }),
  fc.record({ kind: fc.constant('offer' as const), flow, text, offerId: fc.nat() }),
  fc.record({ kind: fc.constant('decline' as const), offerId: fc.nat() }),
  fc.record({ kind: fc.constant('emit' as const), flow, text }),
  fc.record({ kind: fc.constant('adopt' as const), record }),
);

/** The bytes of an array, or of a Buffer in the form that JSON gives it. */
function bytesOf(part: unknown): unknown {
  if (part instanceof Uint8Array) return [...part];
  return part !== null && typeof part === 'object' && 'type' in part && 'data' in part ? part.data : part;
}

/** With plain arrays and objects, as comparisons want them. */
function plain(value: PodMessage | undefined): unknown {
  return JSON.parse(
    JSON.stringify(value, (_key, part: unknown) => (Array.isArray(bytesOf(part)) ? bytesOf(part) : part)),
  );
}

describe('a message between pods', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(message, (sent) => {
        const decoded = decodePodMessage(encodePodMessage(sent));
        expect(plain(decoded)).toEqual(plain(sent));
      }),
    );
  });

  it('that is cut short or damaged is refused or read, never an exception', () => {
    fc.assert(
      fc.property(message, fc.nat(), fc.nat(255), fc.nat(), (sent, at, value, cut) => {
        const bytes = encodePodMessage(sent);
        bytes[at % bytes.length] = value;
        expect(() => decodePodMessage(bytes.subarray(0, cut % (bytes.length + 1)))).not.toThrow();
        expect(() => decodePodMessage(bytes)).not.toThrow();
      }),
    );
  });

  it('of any bytes is no exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(() => decodePodMessage(bytes)).not.toThrow();
      }),
    );
  });

  it('of a kind that is not known yet, or without what its kind needs, is none', () => {
    const decline = encodePodMessage({ kind: 'decline', offerId: 1 });
    decline[0] = 200;
    expect(decodePodMessage(decline)).toBeUndefined();
    decline[0] = 0;
    expect(decodePodMessage(decline)).toBeUndefined();
    expect(decodePodMessage(new Uint8Array(0))).toBeUndefined();
  });
});

import { describe, expect, it } from '@jest/globals';
import { decodeVoterFile, encodeVoterFile, type VoterState } from '../../../src/gossip/voter-file.ts';

const STATE: VoterState = {
  voterId: 'v1',
  roster: {
    number: 3,
    members: [
      { pod: 'A', role: 'witness', mesh: '10.0.0.1:7000', voterId: 'v1', replaced: true, formerId: 'v0' },
    ],
  },
  grants: [{ tag: 'T', epoch: 9, pod: 'B', boot: 'b' }],
  floor: [{ tag: 'T', epoch: 4 }],
};

describe('voter file', () => {
  it('reads back as it was', () => {
    expect(decodeVoterFile(encodeVoterFile(STATE))).toEqual(STATE);
  });

  it('is nothing when any byte is damaged or missing', () => {
    const file = encodeVoterFile(STATE);
    for (let at = 0; at < file.length; at++) {
      const damaged = file.slice();
      damaged[at] = (damaged[at] ?? 0) ^ 0x10;
      expect(decodeVoterFile(damaged)).toBeUndefined();
      expect(decodeVoterFile(file.subarray(0, at))).toBeUndefined();
    }
  });

  it('keeps the bytes of version 1', () => {
    const empty = { voterId: 'v', roster: { number: 1, members: [] }, grants: [], floor: [] };
    expect(Buffer.from(encodeVoterFile(empty)).toString('hex')).toMatch(/^524856460101000000050000000176/);
  });
});

import { describe, expect, it } from '@jest/globals';
import { AddressHealth } from '../../../../src/proxy/targets/address-health.ts';

const THRESHOLDS = { failureThreshold: 3, successThreshold: 2 };

/** What each result made of an address: `+` answered, `-` failed; the state after each. */
function states(results: string): string {
  const health = new AddressHealth();
  let shown = '';
  for (const result of results) {
    const before = health.up;
    const changed = health.note(result === '+', THRESHOLDS);
    expect(changed).toBe(before !== health.up);
    shown += health.up ? 'u' : 'd';
  }
  return shown;
}

describe('the health of an address', () => {
  it.each([
    ['---', 'uud'],
    ['--+--', 'uuuuu'],
    ['--+---', 'uuuuud'],
    ['---+', 'uudd'],
    ['---++', 'uuddu'],
    ['---+-+', 'uudddd'],
    ['---+-++', 'uuddddu'],
    ['---++---', 'uudduuud'],
  ])('%s gives %s', (results, expected) => {
    expect(states(results)).toBe(expected);
  });
});

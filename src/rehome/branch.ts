const COOKIE = 'z9hG4bK';

/** A branch of 24 hex digits behind the magic cookie (RFC 3261 §8.1.1.7). */
export function branchOf(random: () => number): string {
  let digits = '';
  while (digits.length < 24) {
    digits += Math.floor(random() * 0x100_0000)
      .toString(16)
      .padStart(6, '0');
  }
  return COOKIE + digits;
}

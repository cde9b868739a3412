/** First number that SIP's numeric header fields may not reach (RFC 3261 §8.1.1.5 for CSeq). */
const NUMBER_LIMIT = 2 ** 31;

/** The number that the whole text writes in decimal digits, below 2^31; undefined otherwise. */
export function decimal(text: string): number | undefined {
  let number = 0;
  for (let at = 0; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return undefined;
    number = number * 10 + digit;
    if (number >= NUMBER_LIMIT) return undefined;
  }
  return text === '' ? undefined : number;
}

/** V8 copies cuts and joins below this length anyway. */
const ALWAYS_FLAT_BELOW = 13;

/** The same text in memory of its own: a value cut from a message otherwise keeps the whole message alive. */
export function flat(text: string): string {
  if (text.length < ALWAYS_FLAT_BELOW) return text;
  return (' ' + text).slice(1);
}

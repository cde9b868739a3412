/** V8 copies shorter cuts and joins by itself. */
const ALWAYS_FLAT_BELOW = 13;

/** The same text in memory of its own: a value cut from a message otherwise keeps the whole message alive. */
export function flat(text: string): string {
  if (text.length < ALWAYS_FLAT_BELOW) return text;
  // join() writes its parts into one new string, where slice() and + only refer to them.
  return [text.slice(0, 1), text.slice(1)].join('');
}

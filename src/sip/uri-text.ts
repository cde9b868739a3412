import { isWellEscaped } from './escaping.ts';

/** Wider than RFC 3261 §25.1: all visible characters but quotes and angle brackets, since phones in use write a bare `#`. */
const ABSOLUTE_URI = /^[a-z][a-z0-9+.-]*:[^\0-\x20"<>\x7f]+$/i;

/** Whether the text is a scheme, a colon and what a URI may hold, its escapes whole. */
export function isAbsoluteUri(text: string): boolean {
  return ABSOLUTE_URI.test(text) && isWellEscaped(text);
}

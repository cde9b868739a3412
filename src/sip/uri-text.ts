import { isWellEscaped } from './escaping.ts';

/**
 * Whether the text holds only what a URI may hold. Wider than RFC 3261 §25.1: all visible characters but quotes and
 * angle brackets, since phones in use write a bare `#`.
 */
export function isUriText(text: string): boolean {
  let isEscaped = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code <= 32 || code === 34 || code === 60 || code === 62 || code === 127) return false;
    if (code === 37) isEscaped = true;
  }
  return !isEscaped || isWellEscaped(text);
}

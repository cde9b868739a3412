const SPACE = 32;
const VERSION = ' SIP/2.0';

/** The start line of a message; of a request `status` is 0, of a response `method` and `requestUri` are ''. */
export interface StartLine {
  method: string;
  requestUri: string;
  version: string;
  status: number;
  reason: string;
}

/** Reads the first line of a message, which ends before `end`; undefined when it is none. */
export function parseStartLine(text: string, end: number): StartLine | undefined {
  return text.startsWith('SIP/') ? parseStatusLine(text, end) : parseRequestLine(text, end);
}

/** Tells method, URI and version apart even when the spaces around them are wrong: such a request can be answered. */
function parseRequestLine(text: string, end: number): StartLine | undefined {
  const methodEnd = text.indexOf(' ');
  const versionAt = text.startsWith(VERSION, end - VERSION.length)
    ? end - VERSION.length
    : text.slice(0, end).toUpperCase().lastIndexOf(' SIP/');
  if (methodEnd < 1 || versionAt <= methodEnd) return undefined;
  const method = text.slice(0, methodEnd);
  return {
    method,
    requestUri: text.slice(methodEnd + 1, versionAt),
    version: text.slice(versionAt + 1, end),
    status: 0,
    reason: '',
  };
}

function parseStatusLine(text: string, end: number): StartLine | undefined {
  const versionEnd = text.indexOf(' ');
  const statusEnd = versionEnd + 4;
  if (versionEnd < 0 || statusEnd > end || (statusEnd < end && text.charCodeAt(statusEnd) !== SPACE))
    return undefined;
  const status = statusAt(text, versionEnd + 1);
  if (status < 100 || status > 699) return undefined;
  const reason = text.slice(statusEnd + 1, end);
  return { method: '', requestUri: '', version: text.slice(0, versionEnd), status, reason };
}

function statusAt(text: string, at: number): number {
  let status = 0;
  for (let digit = at; digit < at + 3; digit++) {
    const value = text.charCodeAt(digit) - 48;
    if (value < 0 || value > 9) return 0;
    status = status * 10 + value;
  }
  return status;
}

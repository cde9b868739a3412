/** A message cut into lines by hand, so that what reads it is not what wrote it. */
export interface SipLines {
  start: string;
  /** Name in lower case and value, in order. */
  headers: [name: string, value: string][];
  body: string;
}

/** Reads a message without folded or compact headers; throws on anything else. */
export function readLines(text: string): SipLines {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) throw new Error('no end of headers');
  const [start = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    if (colon < 1) throw new Error(`no header: ${line}`);
    return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { start, headers, body: text.slice(end + 4) };
}

/** All values of a header, one for each line. */
export function valuesOf(message: SipLines, name: string): string[] {
  return message.headers.filter(([known]) => known === name).map(([, value]) => value);
}

/** The only value of a header; '' where there is none or more than one. */
export function valueOf(message: SipLines, name: string): string {
  const values = valuesOf(message, name);
  return values.length === 1 ? (values[0] ?? '') : '';
}

/** Number of the CSeq. */
export function cseqOf(message: SipLines): number {
  return Number(valueOf(message, 'cseq').split(/\s+/)[0]);
}

/** The URI between angle brackets. */
export function bracketed(value: string): string {
  return /<([^>]*)>/.exec(value)?.[1] ?? value;
}

import { H, type SipMessage } from '../sip/index.ts';

const SDP_TYPE = /^application\/sdp\s*(?:;|$)/i;
const BOUNDARY = /^multipart\/[^;]+;.*boundary=(?:"([^"]+)"|([^;\s]+))/i;
const PART_TYPE = /^content-type\s*:\s*application\/sdp\s*(?:;.*)?$/im;

/** The session description of a message: its body, or that part of a multipart body (RFC 5621); '' if there is none. */
export function sdpOf(message: SipMessage): string {
  const { body } = message;
  if (body === '') return '';
  const type = message.get(H.ContentType) ?? '';
  if (SDP_TYPE.test(type)) return body;
  const boundary = BOUNDARY.exec(type);
  return boundary === null ? '' : sdpPart(body, boundary[1] ?? boundary[2] ?? '');
}

function sdpPart(body: string, boundary: string): string {
  for (const part of `\r\n${body}`.split(`\r\n--${boundary}`)) {
    const headersEnd = part.indexOf('\r\n\r\n');
    if (headersEnd >= 0 && PART_TYPE.test(part.slice(0, headersEnd))) return part.slice(headersEnd + 4);
  }
  return '';
}

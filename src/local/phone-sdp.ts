/** The four media directions (RFC 3264 §5.1). */
export type MediaDirection = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

const DIRECTION = /^a=(sendrecv|sendonly|recvonly|inactive)\r?$/m;

/** The direction that a description states; `sendrecv` if it states none. */
export function directionOf(sdp: string): MediaDirection {
  return (DIRECTION.exec(sdp)?.[1] ?? 'sendrecv') as MediaDirection;
}

/** The direction of an answer to `offered` by a party that may itself be holding (RFC 3264 §6.1, §8.4). */
export function answerDirection(offered: MediaDirection, holding: boolean): MediaDirection {
  const sends = offered === 'sendrecv' || offered === 'recvonly';
  const receives = !holding && (offered === 'sendrecv' || offered === 'sendonly');
  if (sends) return receives ? 'sendrecv' : 'sendonly';
  return receives ? 'recvonly' : 'inactive';
}

/** One party's session description of one call: its version grows exactly when its content changes (RFC 3264 §8). */
export class PhoneSdp {
  readonly #address: string;
  readonly #sessionId: number;
  #port: number;
  #version = 1;
  #direction: MediaDirection = 'sendrecv';

  constructor(address: string, sessionId: number) {
    this.#address = address;
    this.#sessionId = sessionId;
    this.#port = 10_000 + 2 * (sessionId % 20_000);
  }

  /** The description with this direction. */
  with(direction: MediaDirection): string {
    if (direction !== this.#direction) {
      this.#direction = direction;
      this.#version += 1;
    }
    return this.current();
  }

  /** Moves the media to another port, as a change of codec or network would. */
  movePort(): string {
    this.#port += 20_000;
    this.#version += 1;
    return this.current();
  }

  /** The description as last given. */
  current(): string {
    const family = this.#address.includes(':') ? 'IP6' : 'IP4';
    const lines = [
      'v=0',
      `o=phone ${String(this.#sessionId)} ${String(this.#version)} IN ${family} ${this.#address}`,
      's=-',
      `c=IN ${family} ${this.#address}`,
      't=0 0',
      `m=audio ${String(this.#port)} RTP/AVP 8 0 101`,
      'a=rtpmap:101 telephone-event/8000',
      'a=ptime:20',
      `a=${this.#direction}`,
    ];
    return lines.map((line) => `${line}\r\n`).join('');
  }
}

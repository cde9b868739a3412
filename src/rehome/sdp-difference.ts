/** Whether two session descriptions differ in more than their o= line (RFC 3264 §8). */
export function sdpDiffers(one: string, other: string): boolean {
  return one !== other && withoutOrigin(one) !== withoutOrigin(other);
}

function withoutOrigin(sdp: string): string {
  return sdp
    .split(/\r?\n/)
    .filter((line) => !line.startsWith('o=') && line !== '')
    .join('\n');
}

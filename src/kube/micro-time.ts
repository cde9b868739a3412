/** Milliseconds since 1970 as metav1.MicroTime, which has six digits behind the second. */
export function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}

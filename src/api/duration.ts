const UNITS_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;
/** As Kubernetes itself writes durations: one part or several. */
export const DURATION = '^(\\d+(\\.\\d+)?(ms|s|m|h))+$';
const DURATION_PATTERN = new RegExp(DURATION);
const PART = /(\d+(?:\.\d+)?)(ms|s|m|h)/g;

/** Milliseconds of a text such as `500ms`, `1.5s`, `2m` or `1h30m`; undefined if it is not a duration. */
export function parseDuration(text: string): number | undefined {
  if (!DURATION_PATTERN.test(text)) return undefined;
  let ms = 0;
  for (const [, digits, unit] of text.matchAll(PART))
    ms += Number(digits) * UNITS_MS[unit as keyof typeof UNITS_MS];
  return Math.round(ms);
}

/** The shortest text of whole units for a whole number of milliseconds. */
export function formatDuration(ms: number): string {
  const [unit, size] = Object.entries(UNITS_MS).findLast(([, each]) => ms >= each && ms % each === 0) ?? [
    's',
    1,
  ];
  return `${ms / size}${unit}`;
}

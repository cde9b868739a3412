const UNITS_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;
const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/;

/** Milliseconds of a text such as `500ms`, `1.5s`, `2m` or `1h`; undefined if it is not a duration. */
export function parseDuration(text: string): number | undefined {
  const [, digits, unit] = DURATION.exec(text) ?? [];
  if (digits === undefined || unit === undefined) return undefined;
  return Math.round(Number(digits) * UNITS_MS[unit as keyof typeof UNITS_MS]);
}

/** The shortest text of whole units for a whole number of milliseconds. */
export function formatDuration(ms: number): string {
  const [unit, size] = Object.entries(UNITS_MS).findLast(([, each]) => ms >= each && ms % each === 0) ?? [
    's',
    1,
  ];
  return `${ms / size}${unit}`;
}

/** What the control API may answer in place of a report, with the HTTP status; codes are never reused. */
export const CONTROL_CODES = {
  CONTROL_BODY: {
    status: 400,
    meaning:
      'The body is no JSON, or no state; the message lists its problems. The state before it stays in force.',
    action: 'Run an operator and pods whose versions are at most one apart.',
  },
  CONTROL_PATH: { status: 404, meaning: 'There is nothing at this path.', action: 'See control.md.' },
  CONTROL_METHOD: { status: 405, meaning: 'The path has another method.', action: 'See control.md.' },
  CONTROL_STALE: {
    status: 409,
    meaning: 'A state with a higher (term, generation) is in force.',
    action: 'Nothing: another operator leads, and the one that is refused stops by itself.',
  },
  CONTROL_ROSTER: {
    status: 409,
    meaning: 'The roster cannot be adopted: another one with the same number is in force.',
    action: 'Look for a second operator that works for the same cluster.',
  },
  CONTROL_TOO_LARGE: { status: 413, meaning: 'The body is longer than 4 MiB.', action: 'Report it.' },
} as const;

export type ControlCode = keyof typeof CONTROL_CODES;

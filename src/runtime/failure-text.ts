const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process has this address and port',
  EADDRNOTAVAIL: 'this machine does not have this address',
  EACCES: 'permission denied',
  ENOENT: 'no such file or directory',
};

/** One line for a person about an error that ended a program, with what the system says in plain words. */
export function failureText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code = '' } = error as NodeJS.ErrnoException;
  const reason = REASONS[code];
  return reason === undefined ? error.message : `${error.message} (${reason})`;
}

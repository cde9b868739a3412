let told: Promise<void> | undefined;

/**
 * Resolves at the first SIGTERM or SIGINT, even one that came before what waits for it was loaded: process 1 of a container has no
 * default for signals, so one that nobody hears is lost, and the container lives until its grace period ends. A second one ends
 * the process at once where the system has that default.
 */
export function untilToldToStop(): Promise<void> {
  told ??= new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      process.once(signal, () => {
        resolve();
      });
  });
  return told;
}

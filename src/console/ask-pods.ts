import type { ConsoleOutput } from './output.ts';

const ANSWER_WITHIN_MS = 5_000;

/** Asks all pods for a page at once. Each that fails is a line on stderr; the others' reports are in order. */
export async function askPods<T>(urls: readonly string[], page: string, output: ConsoleOutput): Promise<T[]> {
  const results = await Promise.allSettled(urls.map((url) => ask<T>(new URL(page, url))));
  const reports: T[] = [];
  for (const [index, result] of results.entries()) {
    if (result.status === 'fulfilled') reports.push(result.value);
    else output.stderr.write(`${urls[index] ?? ''}: ${reasonOf(result.reason as Error)}\n`);
  }
  return reports;
}

async function ask<T>(url: URL): Promise<T> {
  const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
  const body = await response.text();
  if (!response.ok) throw new Error(`HTTP ${response.status} ${body.trim()}`);
  return JSON.parse(body) as T;
}

function reasonOf({ name, message, cause }: Error): string {
  if (name === 'TimeoutError') return `no answer within ${ANSWER_WITHIN_MS / 1000} s`;
  if (name === 'SyntaxError') return 'the answer is not JSON';
  // fetch() says only that it failed; why is in the cause.
  return (cause as Error | undefined)?.message ?? message;
}

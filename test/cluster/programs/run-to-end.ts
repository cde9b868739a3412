import { execFile } from 'node:child_process';

const MOST_OUTPUT_BYTES = 64 * 1024 * 1024;

/** What a program writes. Throws Error with its own words, and what it is needed for, if it fails or is not there. */
export function runToEnd(
  program: string,
  args: readonly string[],
  folder: string,
  why: string,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd: folder, maxBuffer: MOST_OUTPUT_BYTES, env: { ...process.env, CGO_ENABLED: '0' } };
    execFile(program, [...args], options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${why}: ${program} ${args.join(' ')}: ${stderr.slice(-2000) || error.message}`));
    });
  });
}

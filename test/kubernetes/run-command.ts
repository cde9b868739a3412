import { execFile } from 'node:child_process';

/** How a command ended. */
export interface CommandResult {
  code: number;
  stdout: string;
  stderr: string;
}

const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;
const KILLED = 137;

/** Runs a program; a code other than 0 is not an error. Its end is forced after `timeoutMs`. */
export function runCommand(
  program: string,
  args: readonly string[],
  { timeoutMs, input }: { timeoutMs: number; input?: string },
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = execFile(
      program,
      [...args],
      { timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: MAX_OUTPUT_BYTES },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : KILLED;
        resolve({ code, stdout, stderr: error?.killed === true ? `${stderr}\nkilled: too slow` : stderr });
      },
    );
    child.stdin?.end(input);
  });
}

/** Runs a program and gives what it wrote. Rejects with its complaints if its code is not 0. */
export async function mustRun(
  program: string,
  args: readonly string[],
  options: { timeoutMs: number; input?: string },
): Promise<string> {
  const { code, stdout, stderr } = await runCommand(program, args, options);
  if (code === 0) return stdout;
  throw new Error(
    `${program} ${args.join(' ')}: ended with ${code}\n${stdout.slice(-2000)}\n${stderr.slice(-2000)}`,
  );
}

import type { WriteStream } from 'node:tty';

/** Where the demo writes: a terminal, or anything that takes text. */
export type DemoOutput = Pick<WriteStream, 'write'> & { isTTY?: boolean; columns?: number };

/** What a line of the timeline is about. */
export type Tone = 'plain' | 'bad' | 'good' | 'dim';

const CODES: Record<Tone, string> = {
  plain: '',
  bad: '\u001b[31;1m',
  good: '\u001b[32;1m',
  dim: '\u001b[2m',
};
const RESET = '\u001b[0m';
const CLEAR_LINE = '\r\u001b[K';
const BAR_WIDTH = 40;
/** Without a terminal, progress is a line at each of these. */
const PLAIN_STEPS = [1, 25, 50, 75, 100];

/** Writes the timeline: colours and one moving progress line on a terminal, plain lines elsewhere. */
export class DemoScreen {
  readonly #output: DemoOutput;
  readonly #lively: boolean;
  #zeroMs: number;
  #progressShown = false;
  #steps = [...PLAIN_STEPS];

  constructor(output: DemoOutput, nowMs: number, plain = false) {
    this.#output = output;
    this.#lively = output.isTTY === true && !plain;
    this.#zeroMs = nowMs;
  }

  /** Times and progress are counted from here on. */
  restartClock(nowMs: number): void {
    this.#zeroMs = nowMs;
    this.#steps = [...PLAIN_STEPS];
  }

  /** Text without a time. */
  text(text: string, tone: Tone = 'plain'): void {
    this.#line(this.#paint(text, tone));
  }

  /** What happened at a time (wall clock, ms). */
  event(atMs: number, text: string, tone: Tone = 'plain'): void {
    const seconds = ((atMs - this.#zeroMs) / 1000).toFixed(2).padStart(6);
    this.#line(`${this.#paint(`${seconds} s`, 'dim')}  ${this.#paint(text, tone)}`);
  }

  /** How far the move has come, in percent. */
  progress(atMs: number, percent: number, text: string): void {
    if (this.#lively) {
      const full = Math.round((percent / 100) * BAR_WIDTH);
      const bar = '█'.repeat(full) + '░'.repeat(BAR_WIDTH - full);
      this.#output.write(`${CLEAR_LINE}          ${bar} ${String(percent).padStart(3)} %  ${text}`);
      this.#progressShown = true;
      return;
    }
    const passed = this.#steps.filter((step) => step <= percent);
    if (passed.length === 0) return;
    this.#steps = this.#steps.slice(passed.length);
    this.event(atMs, `re-homed ${String(percent)} %  ${text}`);
  }

  /** A table: the first row is its head, the first column is left-aligned. */
  table(rows: readonly (readonly string[])[]): void {
    const widths = (rows[0] ?? []).map((_, column) =>
      Math.max(...rows.map((row) => (row[column] ?? '').length)),
    );
    rows.forEach((row, index) => {
      const cells = row.map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      );
      this.#line(this.#paint(`  ${cells.join('   ')}`, index === 0 ? 'dim' : 'plain'));
    });
  }

  #line(text: string): void {
    if (this.#progressShown) this.#output.write('\n');
    this.#progressShown = false;
    this.#output.write(`${text}\n`);
  }

  #paint(text: string, tone: Tone): string {
    return this.#lively && tone !== 'plain' ? `${CODES[tone]}${text}${RESET}` : text;
  }
}

import { describe, expect, test } from '@jest/globals';
import { DemoScreen, type DemoOutput } from '../../../src/local/demo-screen.ts';

function recorder(isTTY: boolean): { output: DemoOutput; written: () => string } {
  let written = '';
  const output: DemoOutput = {
    isTTY,
    write: (text: Uint8Array | string) => {
      written += String(text);
      return true;
    },
  };
  return { output, written: () => written };
}

describe('the screen of the demo', () => {
  test('without a terminal there are only plain lines, progress at a few steps', () => {
    const { output, written } = recorder(false);
    const screen = new DemoScreen(output, 1000);
    screen.event(1250, 'a pod died', 'bad');
    for (const percent of [0, 1, 2, 30, 40, 100]) screen.progress(2000, percent, 'legs');
    expect(written().split('\n')).toEqual([
      '  0.25 s  a pod died',
      '  1.00 s  re-homed 1 %  legs',
      '  1.00 s  re-homed 30 %  legs',
      '  1.00 s  re-homed 100 %  legs',
      '',
    ]);
  });

  test('on a terminal progress is one moving line, and other lines start below it', () => {
    const { output, written } = recorder(true);
    const screen = new DemoScreen(output, 0);
    screen.progress(0, 50, 'legs');
    screen.progress(0, 100, 'legs');
    screen.text('done', 'good');
    expect(written().split('\n')).toHaveLength(3);
    expect(written()).toContain('\u001b[32;1mdone\u001b[0m');
  });

  test('a terminal may be told to be plain', () => {
    const { output, written } = recorder(true);
    new DemoScreen(output, 0, true).text('done', 'good');
    expect(written()).toBe('done\n');
  });

  test('a table has columns of one width', () => {
    const { output, written } = recorder(false);
    new DemoScreen(output, 0).table([
      ['calls', 'number'],
      ['edge-0', '7'],
    ]);
    expect(written()).toBe('  calls    number\n  edge-0        7\n');
  });
});

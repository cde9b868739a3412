import { parseArgs } from 'node:util';
import { DemoScreen, type DemoOutput } from './demo-screen.ts';
import { StaticStory } from './demo-static.ts';
import { FleetStory } from './demo-story.ts';
import { wallClockMs } from './wall-clock.ts';

const USAGE = `rehome demo: live SIP calls outlive the kill -9 of a pod, the drain of a node and a scale-out

  --calls N   how many calls to set up (default 300)
  --static    without Kubernetes objects and operator: three proxies, one kill -9
  --plain     no colours and no moving line, as without a terminal
  --help      this text

The pods, an operator and two groups of phones run on addresses 127.0.x.y of this machine.
The exit code is 0 only if nothing was lost.
`;

interface DemoOptions {
  calls: number;
  plain: boolean;
  isStatic: boolean;
}

const DEFAULT_CALLS = 300;
const MAX_CALLS = 5000;

/** Runs the demo; resolves to the exit code of the process. */
export async function runDemo(argv: string[], output: DemoOutput = process.stdout): Promise<number> {
  const options = readOptions(argv);
  if (typeof options === 'string') {
    output.write(options);
    return options === USAGE ? 0 : 2;
  }
  const screen = new DemoScreen(output, wallClockMs(), options.plain);
  const story = options.isStatic ? new StaticStory(screen) : new FleetStory(screen);
  process.once('SIGINT', () => process.exit(130));
  try {
    return await story.play(options.calls);
  } catch (error) {
    screen.text(error instanceof Error ? error.message : String(error), 'bad');
    return 1;
  } finally {
    await story.clear();
  }
}

function readOptions(argv: string[]): DemoOptions | string {
  try {
    const { values } = parseArgs({
      args: argv,
      options: {
        calls: { type: 'string' },
        static: { type: 'boolean' },
        plain: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help === true) return USAGE;
    const calls = Number(values.calls ?? DEFAULT_CALLS);
    if (!Number.isInteger(calls) || calls < 1 || calls > MAX_CALLS)
      return `--calls takes a number from 1 to ${String(MAX_CALLS)}\n`;
    return { calls, plain: values.plain === true, isStatic: values.static === true };
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`.replace(/\n\n.*$/s, '\n');
  }
}

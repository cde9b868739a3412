import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { sippThere } from '../e2e/sipp.ts';
import { benchCallCost } from './call-cost.ts';
import { benchDrain } from './drain-time.ts';
import { benchFailover } from './failover-time.ts';
import { figureTable, keeps, type Figure } from './figure.ts';
import { benchHeldMemory } from './held-memory.ts';
import { benchMove } from './move-time.ts';
import { benchOperatorAtRest } from './operator-rest.ts';
import { benchParse } from './parse.ts';
import { benchRecorded } from './recorded-time.ts';
import { benchUdpEcho } from './udp-echo.ts';

const USAGE = `npm run bench [-- options]

  --short        small numbers: shows that everything runs; its figures say little
  --only NAME    only the benchmarks whose name contains NAME: parse, cost, standby, kill, stop, move, drain,
                 recorded, operator, memory
  --json FILE    also writes the figures there
  --help         this text
`;

/** One benchmark; the echo always comes first. */
interface Benchmark {
  name: string;
  sipp: boolean;
  run: (short: boolean) => Promise<Figure[]>;
}

const BENCHMARKS: readonly Benchmark[] = [
  {
    name: 'parse',
    sipp: false,
    run: () => {
      const { name, perSecond } = benchParse();
      return Promise.resolve([{ name, value: perSecond, unit: '/s', bar: { atLeast: 500_000 } }]);
    },
  },
  {
    name: 'cost',
    sipp: true,
    run: async (short) => [
      await benchCallCost({ ...lengths(short), perSecond: short ? 100 : 500, standby: false }),
      ...(short
        ? []
        : [await benchCallCost({ ...lengths(short), perSecond: 1000, standby: false, bar: 0.38 })]),
    ],
  },
  {
    name: 'standby',
    sipp: true,
    run: async (short) => [
      await benchCallCost({ ...lengths(short), perSecond: short ? 100 : 500, standby: true, bar: 0.8 }),
    ],
  },
  {
    name: 'kill',
    sipp: false,
    run: (short) => benchFailover({ calls: short ? 100 : 1000, signal: 'SIGKILL' }),
  },
  {
    name: 'stop',
    sipp: false,
    run: (short) => benchFailover({ calls: short ? 100 : 1000, signal: 'SIGSTOP' }),
  },
  { name: 'move', sipp: false, run: (short) => benchMove(short ? 100 : 1000) },
  { name: 'drain', sipp: false, run: (short) => benchDrain(short ? 100 : 1000) },
  { name: 'recorded', sipp: false, run: (short) => benchRecorded(short ? 100 : 1000) },
  {
    name: 'operator',
    sipp: false,
    run: (short) => (short ? benchOperatorAtRest(2, 5) : benchOperatorAtRest(10, 60)),
  },
  { name: 'memory', sipp: false, run: (short) => benchHeldMemory(short ? 500 : 10_000) },
];

function lengths(short: boolean): { seconds: number; warmUpSeconds: number } {
  return short ? { seconds: 3, warmUpSeconds: 1 } : { seconds: 30, warmUpSeconds: 15 };
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      short: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const chosen = BENCHMARKS.filter(({ name }) => name.includes(values.only));
  const figures = [await benchUdpEcho(values.short ? 1 : 5)];
  process.stdout.write(`${machine()}\n${figureTable(figures)}\n\n`);
  const failed = await runAll(chosen, values.short, figures);
  process.stdout.write(`\n${figureTable(figures)}\n`);
  if (values.json !== undefined) writeFileSync(values.json, json(figures, values.short));
  return failed;
}

/** Runs them one after the other; resolves to how many did not come to an end. */
async function runAll(benchmarks: readonly Benchmark[], short: boolean, figures: Figure[]): Promise<number> {
  let failed = 0;
  for (const { name, sipp, run } of benchmarks) {
    if (sipp && !sippThere()) continue;
    process.stdout.write(`${name} …\n`);
    try {
      const found = await run(short);
      figures.push(...(short ? found.map(withoutTimeBar) : found));
    } catch (error) {
      failed += 1;
      process.stderr.write(`${name}: ${error instanceof Error ? error.message : String(error)}\n`);
    }
  }
  return failed;
}

/** Small numbers say nothing of speed or size; what must be 0 must be 0 in any case. */
function withoutTimeBar({ bar, ...figure }: Figure): Figure {
  const isZero = bar !== undefined && 'atMost' in bar && bar.atMost === 0;
  return isZero ? { ...figure, bar } : figure;
}

function machine(): string {
  const [cpu] = cpus();
  return `Node ${process.version}, ${String(availableParallelism())} cores, ${cpu?.model ?? 'unknown'}`;
}

function json(figures: readonly Figure[], short: boolean): string {
  const rows = figures.map((figure) => ({ ...figure, passed: keeps(figure) }));
  return `${JSON.stringify({ machine: machine(), short, figures: rows }, undefined, 2)}\n`;
}

process.exitCode = await main();

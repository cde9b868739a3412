import { runChaos } from './chaos.ts';

/** `npm run sim -- --seeds N [--from S]`: prints each failing seed, exits 1 if there is one. */
function main(args: string[]): number {
  const option = (name: string, otherwise: number): number => {
    const at = args.indexOf(name);
    return at < 0 ? otherwise : Number(args[at + 1]);
  };
  const from = option('--from', 1);
  const seeds = option('--seeds', 1000);
  let failed = 0;
  for (let seed = from; seed < from + seeds; seed++) {
    try {
      runChaos({ seed });
    } catch (error) {
      failed++;
      process.stdout.write(
        `seed ${String(seed)}: ${error instanceof Error ? error.message : String(error)}\n`,
      );
    }
  }
  process.stdout.write(`${String(seeds - failed)} of ${String(seeds)} seeds kept every promise\n`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = main(process.argv.slice(2));

import { parseArgs } from 'node:util';
import { didYouMean } from '../../api/did-you-mean.ts';

export const LOCAL_USAGE = `rehome local [-f FILE]... [options]: Kubernetes on this machine, with pods as processes and an operator

  -f FILE           apply a file at first, such as examples/local.yaml; may be repeated
  --nodes N         how many nodes (3)
  --zones A,B,...   their zones, in turn (a,b,c)
  --network N       pods get addresses 127.0.N.11 and up (the first free one from 60)
  --port N          port of the API server on 127.0.0.1 (any that is free)
  --no-operator     run no operator
  --keep            leave logs and volumes in the state folder at the end
  --help            this text

Other commands find it by the folder $REHOME_LOCAL_DIR, one of this user's among temporary files if that is not set.
Ctrl-C ends it and all its pods. The exit code is 0 then, 2 if an option is wrong, 1 if it cannot run.
`;

/** How `rehome local` is to run. */
export interface LocalOptions {
  files: string[];
  nodes: number;
  zones: string[];
  /** Undefined for the first free one. */
  network: number | undefined;
  port: number;
  withOperator: boolean;
  keep: boolean;
}

const MAX_NODES = 50;
const MAX_PORT = 65_535;
const MAX_NETWORK = 254;

const FLAGS = {
  filename: { type: 'string', short: 'f', multiple: true },
  nodes: { type: 'string', default: '3' },
  zones: { type: 'string', default: 'a,b,c' },
  network: { type: 'string' },
  port: { type: 'string', default: '0' },
  'no-operator': { type: 'boolean', default: false },
  keep: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** Reads the command line; undefined for --help. Throws Error with one line for the person if it is wrong. */
export function readLocalOptions(argv: string[]): LocalOptions | undefined {
  const unknown = argv.find((word) => word.startsWith('--') && !Object.hasOwn(FLAGS, nameOf(word)));
  const near = unknown === undefined ? undefined : didYouMean(nameOf(unknown), Object.keys(FLAGS));
  if (near !== undefined) throw new Error(`unknown option ${unknown ?? ''}; did you mean --${near}?`);
  const { values } = parseArgs({ args: argv, options: FLAGS });
  if (values.help) return undefined;
  return {
    files: values.filename ?? [],
    nodes: numberOf('--nodes', values.nodes, { least: 1, most: MAX_NODES }),
    zones: values.zones.split(',').filter((zone) => zone !== ''),
    network:
      values.network === undefined
        ? undefined
        : numberOf('--network', values.network, { least: 0, most: MAX_NETWORK }),
    port: numberOf('--port', values.port, { least: 0, most: MAX_PORT }),
    withOperator: !values['no-operator'],
    keep: values.keep,
  };
}

function nameOf(word: string): string {
  return word.slice(2).split('=')[0] ?? '';
}

function numberOf(option: string, given: string, { least, most }: { least: number; most: number }): number {
  const value = /^\d{1,5}$/.test(given) ? Number(given) : NaN;
  if (value >= least && value <= most) return value;
  throw new Error(`${option} is a number from ${least} to ${most}, not ${given}`);
}

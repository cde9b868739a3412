import { parseArgs } from 'node:util';
import { stringify } from 'yaml';
import { dialogShardDefinition, sipClusterDefinition } from '../api/crd.ts';
import { EXIT_USAGE, type ConsoleOutput } from './output.ts';

const USAGE = `rehome crds: the CustomResourceDefinitions of SipCluster and DialogShard as YAML

  --help   this text

For a cluster of your own: rehome crds | kubectl apply -f -
`;

/** Runs `rehome crds`; returns the exit code. */
export function runCrds(argv: string[], output: ConsoleOutput): number {
  try {
    const { values } = parseArgs({ args: argv, options: { help: { type: 'boolean', short: 'h' } } });
    output.stdout.write(values.help === true ? USAGE : definitionsText());
    return 0;
  } catch (error) {
    output.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return EXIT_USAGE;
  }
}

function definitionsText(): string {
  return [sipClusterDefinition, dialogShardDefinition]
    .map((definition) => stringify(definition, { lineWidth: 0, aliasDuplicateObjects: false }))
    .join('---\n');
}

import { join } from 'node:path';
import { createLogger, transports } from 'winston';
import { MeshNode, type MeshConfig } from '../../../src/mesh/mesh-node.ts';
import { VoterFile } from '../../../src/mesh/voter-file.ts';
import { ProxyMetrics } from '../../../src/proxy/metrics.ts';

// A member as a process of its own: its config is the argument; each effect is a line on standard output.
const { dataDir, ...config } = JSON.parse(process.argv[2] ?? '') as MeshConfig & { dataDir: string };
const acting = new Map<string, boolean>();

const node = await MeshNode.open({
  config,
  store: new VoterFile(join(dataDir, 'voter')),
  source: { read: () => Buffer.from('record') },
  onEffect: (effect) => {
    if (effect.kind === 'takenOver') {
      node.put({ tag: effect.tag, key: `by ${config.pod}`, version: 1, prompt: true });
      print({ kind: effect.kind, keys: effect.records.map(({ key }) => key), why: effect.why });
    } else if (effect.kind === 'member') {
      print({ kind: effect.kind, pod: effect.pod, alive: effect.alive, why: effect.reason });
    } else {
      print({ kind: effect.kind });
    }
  },
  log: createLogger({ silent: true, transports: [new transports.Console()] }),
  metrics: new ProxyMetrics(),
  clock: { nowMs: () => performance.now() },
  random: Math.random,
});

setInterval(() => {
  for (const tag of config.shards) {
    const may = node.mayAct(tag);
    if (acting.get(tag) !== may) print({ kind: may ? 'acts' : 'rests' });
    acting.set(tag, may);
  }
}, 5);
await node.start();

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

import { DemoCluster } from '../../src/local/demo-cluster.ts';
import { freeNetwork } from '../../src/local/free-network.ts';
import { pause, until } from '../../src/local/until.ts';
import { SIP_CLUSTERS } from '../../src/kube/kinds.ts';
import type { Figure } from './figure.ts';
import { processOf } from './local-cluster.ts';
import { cpuMsOf } from './process-cost.ts';

const FIRST_NETWORK = 62;
const SHARDS = 12;
const READY_WITHIN_MS = 120_000;
const SETTLES_MS = 10_000;

/** What the operator's process uses while nothing happens in its clusters, each of one pod. */
export async function benchOperatorAtRest(clusters: number, seconds: number): Promise<Figure[]> {
  const network = await freeNetwork(FIRST_NETWORK);
  const manifest = Array.from({ length: clusters }, (_, index) => clusterDocument(`edge${index}`)).join(
    '---\n',
  );
  const local = await DemoCluster.start({ manifest, network });
  try {
    const ready = async (): Promise<boolean> => {
      const found = await local.list(SIP_CLUSTERS);
      return found.length === clusters && found.every(({ status }) => status?.phase === 'Ready');
    };
    await until(ready, READY_WITHIN_MS, 'all clusters to be ready');
    await pause(SETTLES_MS);
    const pid = await processOf(local, { namespace: 'rehome-system' });
    const before = cpuMsOf(pid);
    await pause(seconds * 1000);
    const share = (cpuMsOf(pid) - before) / (seconds * 10);
    return [
      {
        name: `operator at rest, ${clusters} clusters of ${SHARDS} shards`,
        value: share,
        unit: '% of a core',
        bar: { atMost: 0.5 },
        note: `over ${seconds} s, one pod a cluster`,
      },
    ];
  } finally {
    await local.stop();
  }
}

function clusterDocument(name: string): string {
  return `apiVersion: sip.rehome.dev/v1alpha1
kind: SipCluster
metadata: { name: ${name} }
spec:
  replicas: 1
  shards: ${SHARDS}
  listeners: [{ name: public, port: 5060 }]
`;
}

import type { DialogShard } from '../../src/api/dialog-shard-type.ts';
import { DIALOG_SHARDS, EVENTS } from '../../src/kube/kinds.ts';
import { RestClient } from '../../src/kube/rest-client.ts';
import { localPaths, readLocalState } from '../../src/local/cluster/state-file.ts';
import type { DemoCluster } from '../../src/local/demo-cluster.ts';

/** What the benchmarks on `rehome local` run: pods with public and internal listeners in front of held calls. */
export interface EdgeOptions {
  replicas: number;
  shards: number;
  /** host:port of the callees. */
  callee: string;
}

export const PUBLIC_PORT = 5060;
export const INTERNAL_PORT = 5070;

/** A SipCluster whose tags stay where their calls are until a pod goes. */
export function edgeDocument({ replicas, shards, callee }: EdgeOptions): string {
  return `apiVersion: sip.rehome.dev/v1alpha1
kind: SipCluster
metadata: { name: edge }
spec:
  replicas: ${replicas}
  shards: ${shards}
  listeners: [{ name: public, port: ${PUBLIC_PORT} }, { name: internal, port: ${INTERNAL_PORT} }]
  routes: [{ from: public, to: phones, via: internal }]
  targets: [{ name: phones, addresses: ["${callee}"] }]
`;
}

/** The process of a pod, by the last Event of its start. Throws if there is none. */
export async function processOf(
  local: DemoCluster,
  pod: { namespace: string; uid?: string },
): Promise<number> {
  const events = await local.list(EVENTS, pod.namespace);
  const started = events.filter(
    ({ reason, regarding }) => reason === 'Started' && (pod.uid === undefined || regarding.uid === pod.uid),
  );
  const pid = /process (\d+)/.exec(started.at(-1)?.note ?? '')?.[1];
  if (pid === undefined) throw new Error('no Event tells of the process');
  return Number(pid);
}

/** Hears of every change of a DialogShard until it is stopped, as any client of the API would. */
export function watchShards(local: DemoCluster, onShard: (shard: DialogShard) => void): { stop: () => void } {
  const state = readLocalState(localPaths({ REHOME_LOCAL_DIR: `${local.folder}/local` }));
  if (state === undefined) throw new Error('rehome local does not run');
  const api = new RestClient({ server: state.server, token: { file: state.tokenFile }, random: Math.random });
  const ended = new AbortController();
  const follow = async (): Promise<void> => {
    const { resourceVersion } = await api.list(DIALOG_SHARDS, { namespace: 'default' });
    await api.watch(
      DIALOG_SHARDS,
      { namespace: 'default', resourceVersion, signal: ended.signal },
      (event) => {
        if (event.type === 'MODIFIED') onShard(event.object);
      },
    );
  };
  const failed = follow();
  // A watch that breaks is seen by what never comes.
  failed.catch(() => undefined);
  return {
    stop: () => {
      ended.abort();
      api.close();
    },
  };
}

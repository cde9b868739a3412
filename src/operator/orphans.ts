import type { DialogShard } from '../api/dialog-shard-type.ts';
import { orphanPlan } from '../reconcile/rejected-shards.ts';
import { observeShard } from './observe.ts';
import { perform } from './steps/perform.ts';
import type { StepContext } from './steps/step-context.ts';

/** What telling orphans needs. */
export type OrphanParts = Pick<StepContext, 'api' | 'leads'> & {
  readonly event: (step: Parameters<StepContext['event']>[0], namespace: string) => void;
};

/** Says of each DialogShard of a cluster that there is not that it has none. Rejects if that fails. */
export async function tellOrphans(
  { api, leads, event }: OrphanParts,
  key: string,
  shards: readonly DialogShard[],
  nowMs: number,
): Promise<void> {
  const [namespace = '', cluster = ''] = key.split('/');
  const { steps } = orphanPlan(cluster, shards.map(observeShard), nowMs);
  const failed = await perform(steps, {
    ...{ api, namespace, leads, cluster: { name: cluster, namespace } },
    wallMs: () => nowMs,
    wrote: () => undefined,
    wish: () => undefined,
    event: (step) => {
      event(step, namespace);
    },
  });
  const [first] = failed;
  if (first !== undefined) throw first.error;
}

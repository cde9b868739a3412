import { expect, test } from '@jest/globals';
import type { Condition } from '../../../src/api/object-type.ts';
import { DIALOG_SHARDS, SIP_CLUSTERS } from '../../../src/kube/kinds.ts';
import { dialogShard, NAMESPACE, sipCluster } from '../../unit/operator/memory.ts';
import { World } from './world.ts';

const LIMIT_MS = 90_000;

test(
  'a DialogShard of a cluster that there is not says so, until the cluster comes and after it has gone',
  async () => {
    const world = new World();
    await world.fleet.start(['n1', 'n2', 'n3']);
    await world.api.create(DIALOG_SHARDS, { ...dialogShard('edge', 'gold') });
    await world.startOperator();
    const owned = async (): Promise<Condition | undefined> => {
      const { status } = await world.api.get(DIALOG_SHARDS, { namespace: NAMESPACE, name: 'gold' });
      return status?.conditions.find(({ type }) => type === 'Owned');
    };
    const hasNone = async (): Promise<boolean> => (await owned())?.reason === 'ClusterMissing';
    await world.until(hasNone, 'it has no cluster');
    expect(await owned()).toMatchObject({ status: 'False', message: 'there is no SipCluster edge' });
    await world.untilSaid('ShardRejected');

    await world.api.create(SIP_CLUSTERS, sipCluster('edge'));
    await world.until(async () => (await owned())?.status === 'True', 'a pod owns it');

    await world.api.delete(SIP_CLUSTERS, { namespace: NAMESPACE, name: 'edge' });
    await world.until(hasNone, 'it has no cluster again');
    expect(world.reasons.filter((reason) => reason === 'ShardRejected')).toHaveLength(2);
  },
  LIMIT_MS,
);

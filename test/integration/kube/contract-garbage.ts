import { expect, test } from '@jest/globals';
import type { KubeObject } from '../../../src/api/object-type.ts';
import { CONFIG_MAPS, SIP_CLUSTERS } from '../../../src/kube/kinds.ts';
import type { ConfigMap } from '../../../src/kube/objects.ts';
import { until } from '../../../src/local/until.ts';
import { cluster, configMap, EDGE } from '../../unit/kube/samples.ts';
import type { Implementation } from './api-under-test.ts';
import { describeApi } from './contract-frame.ts';

/** What the garbage collector does, where there is one: a server alone has none. */
export function garbageContract(implementation: Implementation): void {
  describeApi(implementation, (its) => {
    test('what belongs to an object goes with it, and what belongs to it in turn', async () => {
      const owned = (name: string, owner: KubeObject): ConfigMap => {
        const made = configMap(name);
        const { apiVersion, kind, metadata } = owner;
        made.metadata.ownerReferences = [{ apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '' }];
        return made;
      };
      const owner = await its.api.create(SIP_CLUSTERS, cluster());
      const child = await its.api.create(CONFIG_MAPS, owned('child', owner));
      await its.api.create(CONFIG_MAPS, owned('grandchild', child));
      await its.api.create(CONFIG_MAPS, configMap('nobodys'));
      await its.api.delete(SIP_CLUSTERS, EDGE);
      const names = async (): Promise<string> =>
        (await its.api.list(CONFIG_MAPS, {})).items.map(({ metadata }) => metadata.name).join();
      await until(async () => (await names()) === 'nobodys', 5000, 'the collection of what was owned');
      await its.api.create(CONFIG_MAPS, owned('late', owner));
      await until(async () => (await names()) === 'nobodys', 5000, 'the collection of what came late');
      expect(await names()).toBe('nobodys');
    });
  });
}

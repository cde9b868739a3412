import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { KubeObject } from '../../../src/api/object-type.ts';
import type { KubeApi } from '../../../src/kube/api.ts';
import { CONFIG_MAPS, SIP_CLUSTERS } from '../../../src/kube/kinds.ts';
import type { ConfigMap } from '../../../src/kube/objects.ts';
import { until } from '../../../src/local/until.ts';
import { cluster, configMap, EDGE } from '../../unit/kube/samples.ts';
import type { ApiUnderTest, Implementation } from './api-under-test.ts';

/** What the garbage collector does, where there is one: a server alone has none. */
export function garbageContract([name, open]: Implementation): void {
  describe(`${name}:`, () => {
    let under: ApiUnderTest;
    let api: KubeApi;

    beforeEach(async () => {
      under = await open();
      api = under.api;
    });

    afterEach(async () => {
      await under.close();
    });

    test('what belongs to an object goes with it, and what belongs to it in turn', async () => {
      const owned = (name: string, owner: KubeObject): ConfigMap => {
        const made = configMap(name);
        const { apiVersion, kind, metadata } = owner;
        made.metadata.ownerReferences = [{ apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '' }];
        return made;
      };
      const owner = await api.create(SIP_CLUSTERS, cluster());
      const child = await api.create(CONFIG_MAPS, owned('child', owner));
      await api.create(CONFIG_MAPS, owned('grandchild', child));
      await api.create(CONFIG_MAPS, configMap('nobodys'));
      await api.delete(SIP_CLUSTERS, EDGE);
      const names = async (): Promise<string> =>
        (await api.list(CONFIG_MAPS, {})).items.map(({ metadata }) => metadata.name).join();
      await until(async () => (await names()) === 'nobodys', 5000, 'the collection of what was owned');
      await api.create(CONFIG_MAPS, owned('late', owner));
      await until(async () => (await names()) === 'nobodys', 5000, 'the collection of what came late');
      expect(await names()).toBe('nobodys');
    });
  });
}

import { afterEach, expect, test } from '@jest/globals';
import type { WatchEvent } from '../../../src/kube/api.ts';
import { CONFIG_MAPS } from '../../../src/kube/kinds.ts';
import type { ConfigMap } from '../../../src/kube/objects.ts';
import { until } from '../../../src/local/until.ts';
import { configMap } from '../../unit/kube/samples.ts';
import type { Implementation } from './api-under-test.ts';
import { describeApi } from './contract-frame.ts';

/** What bookmarks say, where they can be asked for: a real server sends them when it likes, and promises none. */
export function bookmarkContract(implementation: Implementation): void {
  describeApi(implementation, (its) => {
    const stop = new AbortController();

    afterEach(() => {
      stop.abort();
    });

    test('bookmarks say how far the watch has come', async () => {
      const { resourceVersion } = await its.api.list(CONFIG_MAPS, {});
      const events: WatchEvent<ConfigMap>[] = [];
      void its.api.watch(CONFIG_MAPS, { resourceVersion, signal: stop.signal }, (event) =>
        events.push(event),
      );
      const { metadata } = await its.api.create(CONFIG_MAPS, configMap('a'));
      await until(() => events.length > 0, 5000, 'the new object');
      its.bookmark();
      await until(() => events.length > 1, 5000, 'a bookmark');
      expect(events[1]).toEqual({ type: 'BOOKMARK', resourceVersion: metadata.resourceVersion });
    });
  });
}

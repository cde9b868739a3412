import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { WatchEvent } from '../../../src/kube/api.ts';
import { CONFIG_MAPS } from '../../../src/kube/kinds.ts';
import type { ConfigMap } from '../../../src/kube/objects.ts';
import { until } from '../../../src/local/until.ts';
import { configMap } from '../../unit/kube/samples.ts';
import type { ApiUnderTest, Implementation } from './api-under-test.ts';

/** What bookmarks say, where they can be asked for: a real server sends them when it likes, and promises none. */
export function bookmarkContract([name, open]: Implementation): void {
  describe(`${name}:`, () => {
    let under: ApiUnderTest;
    const stop = new AbortController();

    beforeEach(async () => {
      under = await open();
    });

    afterEach(async () => {
      stop.abort();
      await under.close();
    });

    test('bookmarks say how far the watch has come', async () => {
      const { api } = under;
      const { resourceVersion } = await api.list(CONFIG_MAPS, {});
      const events: WatchEvent<ConfigMap>[] = [];
      void api.watch(CONFIG_MAPS, { resourceVersion, signal: stop.signal }, (event) => events.push(event));
      const { metadata } = await api.create(CONFIG_MAPS, configMap('a'));
      await until(() => events.length > 0, 5000, 'the new object');
      under.bookmark();
      await until(() => events.length > 1, 5000, 'a bookmark');
      expect(events[1]).toEqual({ type: 'BOOKMARK', resourceVersion: metadata.resourceVersion });
    });
  });
}

import { afterEach, describe, expect, test } from '@jest/globals';
import type { KubeObject } from '../../../src/api/object-type.ts';
import type { ResourceKind, WatchEvent } from '../../../src/kube/api.ts';
import { CONFIG_MAPS, PODS } from '../../../src/kube/kinds.ts';
import type { Pod } from '../../../src/kube/objects.ts';
import { until } from '../../../src/local/until.ts';
import { configMap, pod } from '../../unit/kube/samples.ts';
import { refused, type Implementation } from './api-under-test.ts';
import { describeApi } from './contract-frame.ts';

/** A server may have to be started again for it. */
const LONGEST_MS = 200_000;

/** What every implementation tells those who watch. */
export function watchContract(implementation: Implementation): void {
  describeApi(implementation, (its) => {
    const stops: AbortController[] = [];

    afterEach(() => {
      for (const stop of stops.splice(0)) stop.abort();
    });

    /** Watches and gives the events as short texts. */
    function watched<T extends KubeObject>(
      kind: ResourceKind<T>,
      resourceVersion: string,
      labels: Record<string, string> = {},
    ): { seen: string[]; events: WatchEvent<T>[]; ended: Promise<void>; stop: AbortController } {
      const stop = new AbortController();
      stops.push(stop);
      const seen: string[] = [];
      const events: WatchEvent<T>[] = [];
      const options = { namespace: 'default', labels, resourceVersion, signal: stop.signal };
      const ended = its.api.watch(kind, options, (event) => {
        events.push(event);
        seen.push(event.type === 'BOOKMARK' ? 'BOOKMARK' : `${event.type} ${event.object.metadata.name}`);
      });
      ended.catch(() => undefined);
      return { seen, events, ended, stop };
    }

    describe('watches', () => {
      test('tell every change after a version, in order', async () => {
        await its.api.create(CONFIG_MAPS, configMap('before'));
        const { resourceVersion } = await its.api.list(CONFIG_MAPS, {});
        await its.api.create(CONFIG_MAPS, configMap('early'));
        const { seen, events } = watched(CONFIG_MAPS, resourceVersion);
        await its.api.create(PODS, pod('other-kind'));
        await its.api.apply(CONFIG_MAPS, configMap('early', { a: '1' }), { fieldManager: 'one' });
        await its.api.delete(CONFIG_MAPS, { namespace: 'default', name: 'early' });
        await until(() => seen.length >= 3, 5000, 'three events');
        expect(seen).toEqual(['ADDED early', 'MODIFIED early', 'DELETED early']);
        const versions = events.map((event) =>
          event.type === 'BOOKMARK' ? 0 : Number(event.object.metadata.resourceVersion),
        );
        expect(versions).toEqual([...versions].sort((a, b) => a - b));
      });

      test('an object that leaves the selection is deleted for the watcher', async () => {
        await its.api.create(PODS, pod('a', { app: 'edge' }));
        const { resourceVersion } = await its.api.list(PODS, {});
        const { seen } = watched(PODS, resourceVersion, { app: 'edge' });
        const label = (value: string): Promise<Pod> =>
          its.api.patch(PODS, { namespace: 'default', name: 'a' }, [
            { op: 'add', path: '/metadata/labels/app', value },
          ]);
        await label('other');
        await label('another');
        await label('edge');
        await until(() => seen.length >= 2, 5000, 'two events');
        expect(seen).toEqual(['DELETED a', 'ADDED a']);
      });

      test(
        'from a version that is forgotten are Expired',
        async () => {
          const { resourceVersion } = await its.api.list(CONFIG_MAPS, {});
          await its.api.create(CONFIG_MAPS, configMap('a'));
          await its.api.create(CONFIG_MAPS, configMap('b'));
          await its.compact();
          await expect(watched(CONFIG_MAPS, resourceVersion).ended).rejects.toEqual(refused('Expired', 410));
        },
        LONGEST_MS,
      );

      test('end when they are told to', async () => {
        const { ended, stop } = watched(CONFIG_MAPS, '0');
        stop.abort();
        await expect(ended).resolves.toBeUndefined();
      });
    });
  });
}

import type { KubeApi } from '../kube/api.ts';
import { Informer, type RelistCause } from '../kube/informer.ts';
import { ENDPOINT_SLICES } from '../kube/kinds.ts';
import type { EndpointSlice } from '../kube/objects.ts';
import type { Clock } from '../runtime/clock.ts';

/** Label by which EndpointSlices name their Service. */
const SERVICE_LABEL = 'kubernetes.io/service-name';

/** What the watches need. */
export interface EndpointWatchesParts {
  readonly api: KubeApi;
  readonly clock: Clock;
  readonly random: () => number;
  /** Hears `namespace/name` of each Service whose endpoints changed, or became readable or unreadable. */
  readonly onChange: (service: string) => void;
  readonly onFailure: (plural: string, error: unknown) => void;
  /** Hears each time that all endpoints of a Service were listed, why, and how many changes no watch had told. */
  readonly onRelist: (cause: RelistCause, found: number) => void;
}

/** What is known of the endpoints of a Service. */
export interface WatchedEndpoints {
  slices: EndpointSlice[];
  hasSynced: boolean;
  /** The words of the last failure, until all were listed again. */
  failure: string | undefined;
}

interface Watch {
  informer: Informer<EndpointSlice>;
  failure: string | undefined;
}

/** The EndpointSlices of those Services that somebody names, and of no other ones. */
export class EndpointWatches {
  readonly #parts: EndpointWatchesParts;
  readonly #watches = new Map<string, Watch>();

  constructor(parts: EndpointWatchesParts) {
    this.#parts = parts;
  }

  /** Watches those of these Services, by `namespace/name`, and stops watching all others. */
  follow(services: ReadonlySet<string>): void {
    for (const [service, { informer }] of this.#watches) {
      if (services.has(service)) continue;
      this.#watches.delete(service);
      void informer.stop();
    }
    for (const service of services) if (!this.#watches.has(service)) this.#open(service);
  }

  /** What is known; nothing yet of a Service that is not followed. */
  of(service: string): WatchedEndpoints {
    const watch = this.#watches.get(service);
    if (watch === undefined) return { slices: [], hasSynced: false, failure: undefined };
    const { informer, failure } = watch;
    return { slices: informer.list(), hasSynced: informer.hasSynced(), failure };
  }

  /** When the API was last heard about the Service that it was silent about the longest; undefined if none is followed. */
  lastHeardMs(): number | undefined {
    const heard = [...this.#watches.values()].map(({ informer }) => informer.lastHeardMs());
    return heard.length === 0 ? undefined : Math.min(...heard);
  }

  async stop(): Promise<void> {
    const all = [...this.#watches.values()];
    this.#watches.clear();
    await Promise.all(all.map(({ informer }) => informer.stop()));
  }

  #open(service: string): void {
    const [namespace = '', name = ''] = service.split('/');
    const { api, clock, random, onChange, onFailure, onRelist } = this.#parts;
    const said = (failure: string | undefined): void => {
      if (watch.failure === failure) return;
      watch.failure = failure;
      onChange(service);
    };
    const informer = new Informer({
      ...{ api, kind: ENDPOINT_SLICES, clock, random },
      selection: { namespace, labels: { [SERVICE_LABEL]: name } },
      onChange: () => {
        onChange(service);
      },
      onRelist: (cause, found) => {
        onRelist(cause, found);
        watch.failure = undefined;
        // That there are none is news as well.
        onChange(service);
      },
      onFailure: (error) => {
        said(error instanceof Error ? error.message : String(error));
        onFailure(ENDPOINT_SLICES.plural, error);
      },
    });
    const watch: Watch = { informer, failure: undefined };
    this.#watches.set(service, watch);
    informer.start();
  }
}

import { randomBytes } from 'node:crypto';
import type { KubeObject } from '../../api/object-type.ts';
import type { KubeApi } from '../../kube/api.ts';
import { EVENTS } from '../../kube/kinds.ts';
import type { KubeEvent } from '../../kube/objects.ts';
import type { Saying } from '../kubelet/pod-world.ts';

/** Events that are counted up when they happen again, at most. */
const REMEMBERED = 200;
const SUFFIX_BYTES = 8;

/** Writes Events about objects; what was said before of the same object is counted up instead of said again. */
export class EventSayer {
  readonly #api: KubeApi;
  readonly #controller: string;
  readonly #now: () => string;
  /** What was said to its Event, the oldest first. */
  readonly #said = new Map<string, Promise<KubeEvent>>();

  constructor(api: KubeApi, controller: string, now: () => string) {
    this.#api = api;
    this.#controller = controller;
    this.#now = now;
  }

  /** Says something; an Event that cannot be written is left out. */
  say(about: KubeObject, what: Saying): void {
    const key = JSON.stringify([about.metadata.uid, what.reason, what.note]);
    const before = this.#said.get(key);
    const event = before === undefined ? this.#create(about, what) : this.#countUp(before);
    event.catch(() => {
      this.#said.delete(key);
    });
    this.#said.set(key, event);
    const [oldest] = this.#said.keys();
    if (this.#said.size > REMEMBERED && oldest !== undefined) this.#said.delete(oldest);
  }

  #create({ apiVersion, kind, metadata }: KubeObject, { type, reason, note }: Saying): Promise<KubeEvent> {
    const { name, namespace = '', uid = '' } = metadata;
    return this.#api.create(EVENTS, {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: {
        name: `${name}.${randomBytes(SUFFIX_BYTES).toString('hex')}`,
        namespace: namespace === '' ? 'default' : namespace,
      },
      eventTime: this.#now(),
      type,
      reason,
      action: reason,
      note,
      reportingController: this.#controller,
      reportingInstance: 'rehome-local',
      regarding: { apiVersion, kind, namespace, name, uid },
    });
  }

  async #countUp(said: Promise<KubeEvent>): Promise<KubeEvent> {
    const { metadata, series } = await said;
    const { name, namespace = '' } = metadata;
    const value = { count: (series?.count ?? 1) + 1, lastObservedTime: this.#now() };
    return this.#api.patch(EVENTS, { name, namespace }, [{ op: 'add', path: '/series', value }]);
  }
}

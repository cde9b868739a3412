import type { HostPort } from '../../api/address.ts';
import { KeyRing } from '../../mesh/key-ring.ts';
import type { MeshKey } from '../../api/proxy-config-type.ts';
import { ControlClient } from './control-client.ts';
import { PodLink, type LinkView, type PodLinkParts, type WishedState } from './pod-link.ts';

/** A pod that can be talked to. */
export interface LinkedPod {
  uid: string;
  name: string;
  control: HostPort;
}

/** What the links of a cluster share. */
export type PodLinksParts = Omit<PodLinkParts, 'pod' | 'client'>;

interface Entry {
  link: PodLink;
  address: string;
}

/** The links to the pods of one cluster, by pod uid. */
export class PodLinks {
  readonly #parts: PodLinksParts;
  readonly #entries = new Map<string, Entry>();
  /** That of all links: streams that are up outlive a change of keys. */
  #ring: KeyRing | undefined;

  constructor(parts: PodLinksParts) {
    this.#parts = parts;
  }

  /** Has a link to each of these pods, and to no other one; without keys to none. */
  setPods(pods: readonly LinkedPod[], keys: readonly MeshKey[]): void {
    const wanted = new Map(keys.length === 0 ? [] : pods.map((pod) => [pod.uid, pod]));
    const ring = keys.length === 0 ? undefined : this.#ringOf(keys);
    for (const [uid, { link, address }] of this.#entries) {
      const pod = wanted.get(uid);
      if (pod !== undefined && addressText(pod.control) === address) continue;
      link.stop();
      this.#entries.delete(uid);
    }
    if (ring === undefined) return;
    for (const pod of wanted.values()) if (!this.#entries.has(pod.uid)) this.#open(pod, ring);
  }

  /** What is known of a pod; undefined if there is no link to it. */
  view(uid: string): LinkView | undefined {
    return this.#entries.get(uid)?.link.view;
  }

  /** Tells a pod what it should be; nothing happens if there is no link to it. */
  wish(uid: string, state: WishedState): void {
    this.#entries.get(uid)?.link.wish(state);
  }

  /** Whether it is known of each pod if it answers. */
  get areTried(): boolean {
    return [...this.#entries.values()].every(({ link }) => link.isTried);
  }

  /** How many pods answer, and how many do not. */
  count(): { reached: number; silent: number } {
    const views = [...this.#entries.values()].map(({ link }) => link.view);
    const silent = views.filter(({ unreachableSinceMs }) => unreachableSinceMs !== undefined).length;
    return { reached: views.length - silent, silent };
  }

  stop(): void {
    this.setPods([], []);
  }

  #ringOf(keys: readonly MeshKey[]): KeyRing {
    const ring = KeyRing.of(keys);
    this.#ring?.replaceBy(ring);
    return (this.#ring ??= ring);
  }

  #open({ uid, name, control }: LinkedPod, ring: KeyRing): void {
    const link = new PodLink({ ...this.#parts, pod: name, client: new ControlClient(control, ring) });
    this.#entries.set(uid, { link, address: addressText(control) });
    link.start();
  }
}

function addressText({ address, port }: HostPort): string {
  return `${address} ${port}`;
}

import type { HostPort } from '../../api/address.ts';

/** A mesh address for each cluster that the operator may vote in: one host, ports from the first one on. */
export class MeshPorts {
  readonly #first: HostPort;
  readonly #taken = new Map<string, number>();

  constructor(first: HostPort) {
    this.#first = first;
  }

  /** The address for this cluster, the same as long as it is not released. */
  of(clusterUid: string): HostPort {
    const known = this.#taken.get(clusterUid);
    const port = known ?? this.#free();
    this.#taken.set(clusterUid, port);
    return { address: this.#first.address, port };
  }

  release(clusterUid: string): void {
    this.#taken.delete(clusterUid);
  }

  #free(): number {
    const taken = new Set(this.#taken.values());
    let { port } = this.#first;
    while (taken.has(port)) port++;
    return port;
  }
}

import type { MeshCore } from './core.ts';
import type { Member, PeerConfig } from './options.ts';

/** Where a process runs; '' if that is unknown. */
export interface Place {
  node: string;
  zone: string;
}

const NOWHERE: Place = { node: '', zone: '' };

/** Whom the mesh talks to: the members of the roster, and who was named besides. */
export class Directory {
  readonly #core: MeshCore;
  readonly #forgotten: (pod: string) => void;
  /** Undefined until somebody names peers: until then who was a member once is talked to for ever. */
  #named: ReadonlyMap<string, PeerConfig> | undefined;
  #members: readonly Member[] = [];
  #told = '';

  /** `forgotten` is called for each peer that is one no more. */
  constructor(core: MeshCore, forgotten: (pod: string) => void) {
    this.#core = core;
    this.#forgotten = forgotten;
  }

  /** The processes to talk to beside the members; this one may be among them. */
  name(peers: readonly PeerConfig[]): void {
    this.#named = new Map(peers.map((peer) => [peer.pod, peer]));
    this.#review();
  }

  /** The members of the roster in force. */
  enrol(members: readonly Member[]): void {
    this.#members = members;
    this.#review();
  }

  place(pod: string): Place {
    const named = this.#named?.get(pod);
    return named ?? (pod === this.#core.pod ? this.#core.settings.self : NOWHERE);
  }

  #review(): void {
    const wanted = this.#wanted();
    this.#core.role = wanted.get(this.#core.pod)?.role ?? this.#core.settings.self.role;
    for (const { pod, role } of wanted.values()) this.#core.addPeer(pod, role);
    if (this.#named !== undefined)
      for (const pod of this.#core.peers.keys()) if (!wanted.has(pod)) this.#forget(pod);
    this.#tell(wanted);
  }

  /** The address that somebody named is newer than the roster's. */
  #wanted(): Map<string, Member> {
    const wanted = new Map<string, Member>(this.#named);
    for (const member of this.#members) {
      const mesh = wanted.get(member.pod)?.mesh ?? '';
      wanted.set(member.pod, mesh === '' ? member : { ...member, mesh });
    }
    return wanted;
  }

  #forget(pod: string): void {
    this.#forgotten(pod);
    this.#core.forgetPeer(pod);
  }

  /** Tells the shell where the peers are, whenever that changes. */
  #tell(wanted: ReadonlyMap<string, Member>): void {
    const peers = [...this.#core.peers.keys()].map((pod) => ({ pod, mesh: wanted.get(pod)?.mesh ?? '' }));
    const told = JSON.stringify(peers);
    if (told === this.#told) return;
    this.#told = told;
    this.#core.emit({ kind: 'peers', peers });
  }
}

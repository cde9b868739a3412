import type { Owner, TagReport } from '../gossip/index.ts';
import type { MeshPort } from './calls/mesh-port.ts';
import type { RecordCopy } from './calls/pod-message.ts';
import type { HandOver } from './calls/handovers.ts';
import type { MeshNode, ProgramEffect } from '../mesh/mesh-node.ts';

/** What this pod owns at the moment, kept from the mesh's effects so that no message has to ask for a report. */
export class MeshCalls implements MeshPort, HandOver {
  private readonly pod: string;
  private readonly mesh: MeshNode;
  private readonly merged: (copy: RecordCopy) => void;
  private readonly ready = new Set<string>();
  private readonly standbys = new Map<string, number>();
  private readonly alive = new Set<string>();

  constructor(pod: string, mesh: MeshNode, merged: (copy: RecordCopy) => void) {
    this.pod = pod;
    this.mesh = mesh;
    this.merged = merged;
  }

  /** Takes note of an effect before the calls hear of it. */
  note(effect: ProgramEffect): void {
    switch (effect.kind) {
      case 'takenOver':
        this.ready.add(effect.tag);
        return;
      case 'paused':
        this.ready.delete(effect.tag);
        return;
      case 'lost':
        this.ready.delete(effect.tag);
        this.standbys.delete(effect.tag);
        return;
      case 'standbys':
        this.standbys.set(effect.tag, effect.inSync);
        return;
      case 'member':
        if (effect.alive && this.carriesCalls(effect.pod)) this.alive.add(effect.pod);
        else this.alive.delete(effect.pod);
        return;
      default:
    }
  }

  put(tag: string, key: string, version: number, prompt: boolean): number | undefined {
    return this.mesh.put({ tag, key, version, prompt }) || undefined;
  }

  end(tag: string, key: string): void {
    this.mesh.end(tag, key);
  }

  merge(copy: RecordCopy): void {
    const { tag, id: key, epoch, version, bytes } = copy;
    if (this.mesh.merge({ tag, key, epoch, version, bytes })) this.merged(copy);
  }

  send(pod: string, payload: Uint8Array): boolean {
    return this.mesh.send(pod, payload);
  }

  mayAct(tag: string): boolean {
    return this.mesh.mayAct(tag);
  }

  ownerOf(tag: string): Owner | undefined {
    return this.mesh.ownerOf(tag);
  }

  isReady(tag: string): boolean {
    return this.ready.has(tag);
  }

  ownedTags(): readonly string[] {
    return [...this.ready].filter((tag) => this.mesh.ownerOf(tag)?.pod === this.pod);
  }

  inSyncStandbys(tag: string): number {
    return this.standbys.get(tag) ?? 0;
  }

  alivePods(): string[] {
    return [...this.alive];
  }

  isAlive(pod: string): boolean {
    return this.alive.has(pod);
  }

  successor(tag: string, suits: (pod: string) => boolean): string | undefined {
    return this.reportOf(tag)?.standbysInSync.find((pod) => this.alive.has(pod) && suits(pod));
  }

  handOver(tag: string, pod: string): string | undefined {
    return this.mesh.handOver(tag, pod);
  }

  /** A witness is a member, and takes no messages of endpoints. */
  private carriesCalls(pod: string): boolean {
    return this.mesh.report().members.find((member) => member.pod === pod)?.role === 'proxy';
  }

  private reportOf(tag: string): TagReport | undefined {
    return this.mesh.report().tags.find((report) => report.tag === tag);
  }
}

import type { KubeObject } from '../../../src/api/object-type.ts';
import type { ObservedCluster } from '../../../src/reconcile/observed.ts';

/** The objects of a simulated cluster beside its pods and shards. */
export class SimObjects {
  configMap: { data: Record<string, string> } | undefined;
  budget: { minAvailable: number } | undefined;
  keys: NonNullable<ObservedCluster['keys']> = {};
  /** Services and NetworkPolicy. */
  objects: KubeObject[] = [];

  apply(object: KubeObject): void {
    if (object.kind === 'ConfigMap')
      this.configMap = { data: (object as unknown as { data: Record<string, string> }).data };
    else if (object.kind === 'PodDisruptionBudget')
      this.budget = (object as unknown as { spec: { minAvailable: number } }).spec;
    else this.#replace(object);
  }

  remove(uid: string): void {
    this.objects = this.objects.filter(({ metadata }) => metadata.uid !== uid);
  }

  /** As the plan observes them. */
  get observedObjects(): Pick<ObservedCluster, 'configMap' | 'keys' | 'objects' | 'disruptionBudget'> {
    const { configMap, keys, objects, budget } = this;
    return { configMap, keys, objects, disruptionBudget: budget };
  }

  #replace(object: KubeObject): void {
    const uid = `${object.kind}-${object.metadata.name}`;
    this.remove(uid);
    this.objects.push({ ...object, metadata: { ...object.metadata, uid } });
  }
}

import { pause } from '../../src/local/until.ts';
import { tryKubectl } from './kubectl.ts';

const EVERY_MS = 400;

/**
 * A pod that the API calls unready while its process is well: the condition is written again and again, since the kubelet
 * corrects it now and then. The operator, the Service and the PodDisruptionBudget see it as they see a failing probe, its time
 * of transition included, which the API server leaves as it is given.
 */
export class UnreadyPod {
  #undone = false;
  readonly #ended: Promise<void>;
  readonly #write: (status: 'True' | 'False') => Promise<void>;

  private constructor(namespace: string, name: string) {
    const since = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    this.#write = async (status) => {
      const lastTransitionTime = status === 'False' ? since : new Date().toISOString();
      const conditions = ['Ready', 'ContainersReady'].map((type) => ({ type, status, lastTransitionTime }));
      const patch = JSON.stringify({ status: { conditions } });
      await tryKubectl(
        'patch',
        'pod',
        name,
        '-n',
        namespace,
        '--subresource=status',
        '--type=strategic',
        '-p',
        patch,
      );
    };
    this.#ended = this.#repeat();
  }

  static make(namespace: string, name: string): UnreadyPod {
    return new UnreadyPod(namespace, name);
  }

  /** Lets it be ready. */
  async undo(): Promise<void> {
    this.#undone = true;
    await this.#ended;
    await this.#write('True');
  }

  async #repeat(): Promise<void> {
    while (!this.#undone) {
      await this.#write('False');
      await pause(EVERY_MS);
    }
  }
}

import { KubeError } from '../kube/api.ts';
import type { Step } from '../reconcile/plan-type.ts';
import type { FailedStep } from './steps/perform.ts';

const FIRST_PAUSE_MS = 1_000;
/** A quota that was raised, or a policy that was changed, is found out after so long. */
const LONGEST_PAUSE_MS = 60_000;

/** A pod that the API did not take. */
interface RefusedPod {
  name: string;
  /** In the words of the API. */
  why: string;
}

/**
 * Pods that the API refuses, by quota, Pod Security or for what a user wrote in the template: they are tried again after a
 * pause that grows, and at once when the spec changes. Everything else goes on.
 */
export class RefusedPods {
  #heldUntilMs = 0;
  #pauseMs = 0;
  #generation = 0;
  #refused: RefusedPod[] = [];

  /** What was refused when it was tried last. */
  get refused(): RefusedPod[] {
    return this.#refused;
  }

  /** The steps that are to be performed now. */
  without(steps: readonly Step[], generation: number, nowMs: number): Step[] {
    if (generation !== this.#generation) this.#forget();
    this.#generation = generation;
    const isHeld = nowMs < this.#heldUntilMs;
    return isHeld ? steps.filter((step) => step.type !== 'createPod' && !isOfCreation(step)) : [...steps];
  }

  /** Learns from what was performed; returns the pods that were refused. */
  learn(steps: readonly Step[], failed: readonly FailedStep[], nowMs: number): RefusedPod[] {
    const refused = failed.flatMap(({ step, error }) =>
      step.type === 'createPod' && isRefusal(error) ? [{ name: step.name, why: error.message }] : [],
    );
    if (refused.length > 0) {
      this.#refused = refused;
      this.#pauseMs = Math.min(Math.max(FIRST_PAUSE_MS, this.#pauseMs * 2), LONGEST_PAUSE_MS);
      this.#heldUntilMs = nowMs + this.#pauseMs;
    } else if (steps.some(({ type }) => type === 'createPod')) this.#forget();
    return refused;
  }

  /** When pods are tried again, milliseconds since 1970; Infinity if none is held back. */
  dueAtMs(nowMs: number): number {
    return this.#heldUntilMs > nowMs ? this.#heldUntilMs : Infinity;
  }

  #forget(): void {
    this.#refused = [];
    this.#heldUntilMs = 0;
    this.#pauseMs = 0;
  }
}

/** Whether an error is the API's answer that it will not have this pod. */
export function isRefusal(error: unknown): error is KubeError {
  return error instanceof KubeError && (error.reason === 'Forbidden' || error.reason === 'Invalid');
}

function isOfCreation(step: Step): boolean {
  return step.type === 'event' && step.creationOf !== undefined;
}

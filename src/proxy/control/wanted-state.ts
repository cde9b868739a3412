import type { ControlState } from '../../api/control.ts';

/** The newest state that an operator wants of this pod. */
export class WantedState {
  #state: ControlState | undefined;

  /** Undefined before the first. */
  get current(): ControlState | undefined {
    return this.#state;
  }

  get term(): number {
    return this.#state?.term ?? 0;
  }

  get generation(): number {
    return this.#state?.generation ?? 0;
  }

  /** Takes a state; false if it is older than what is here, whoever sent it. The same one again is welcome. */
  accept(state: ControlState): boolean {
    const { term, generation } = this;
    if (state.term < term || (state.term === term && state.generation < generation)) return false;
    this.#state = state;
    return true;
  }
}

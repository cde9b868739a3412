import type { TargetProbe } from '../../api/proxy-config.ts';

type Thresholds = Pick<TargetProbe, 'failureThreshold' | 'successThreshold'>;

/** Whether an address is there, by its answers to probes; until it has failed it is. */
export class AddressHealth {
  #up = true;
  /** Results in a row that speak against what is thought of it. */
  #against = 0;

  get up(): boolean {
    return this.#up;
  }

  /** Counts one probe; true if that turns the address up or down. */
  note(answered: boolean, { failureThreshold, successThreshold }: Thresholds): boolean {
    if (answered === this.#up) {
      this.#against = 0;
      return false;
    }
    this.#against++;
    if (this.#against < (this.#up ? failureThreshold : successThreshold)) return false;
    this.#up = answered;
    this.#against = 0;
    return true;
  }
}

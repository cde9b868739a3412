import type { TakeoverReport } from '../../api/control.ts';
import type { Takeover } from './takeover.ts';

/** How many takeovers are remembered: more than a pod has tags, so that none is missed between two reports. */
const REMEMBERED = 256;

/** The newest takeovers of this pod. */
export class TakeoverHistory {
  private readonly takeovers: Takeover[] = [];
  private readonly changed: () => void;

  /** `changed` is called when one begins or is finished. */
  constructor(changed: () => void = () => undefined) {
    this.changed = changed;
  }

  add(takeover: Takeover): void {
    this.takeovers.push(takeover);
    if (this.takeovers.length > REMEMBERED) this.takeovers.shift();
    takeover.finished = this.changed;
    this.changed();
  }

  /** Oldest first. */
  reports(): TakeoverReport[] {
    return this.takeovers.map((takeover) => takeover.report());
  }
}

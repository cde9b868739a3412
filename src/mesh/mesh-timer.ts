/** A timer that fires so late belongs to a process that was paused or blocked, in ms. */
const LATE_MS = 50;

/** The one timer of the mesh. After a pause it lets the input that waits in the sockets come first. */
export class MeshTimer {
  readonly #nowMs: () => number;
  readonly #fire: () => void;
  #timer: NodeJS.Timeout | undefined;
  #late: NodeJS.Immediate | undefined;
  #atMs = Infinity;

  constructor(nowMs: () => number, fire: () => void) {
    this.#nowMs = nowMs;
    this.#fire = fire;
  }

  /** Fires at this time at the latest; an earlier one that is set stays. */
  wakeAt(atMs: number): void {
    if (atMs >= this.#atMs || this.#late !== undefined) return;
    clearTimeout(this.#timer);
    this.#atMs = atMs;
    this.#timer = setTimeout(this.#due.bind(this), Math.max(0, atMs - this.#nowMs()));
  }

  stop(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#late);
  }

  #due(): void {
    const lateMs = this.#nowMs() - this.#atMs;
    this.#atMs = Infinity;
    if (lateMs < LATE_MS) {
      this.#fire();
      return;
    }
    this.#late = setImmediate(() => {
      this.#late = undefined;
      this.#fire();
    });
  }
}

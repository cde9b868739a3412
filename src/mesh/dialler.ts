import { BackOff } from './back-off.ts';
import type { Link, LinkEnd } from './link.ts';

/** The pod with the higher name leaves the first dial to the other one for so long, in ms. */
const YIELD_MS = 250;
/** Longest wait while nobody listens, in ms. */
const CHEAP_LIMIT_MS = 200;
/** Longest wait while attempts cost hand-shakes, as with a wrong key, in ms. */
const COSTLY_LIMIT_MS = 2000;
const CHEAP: ReadonlySet<LinkEnd> = new Set<LinkEnd>(['refused', 'remote']);

/** Connects to one peer whenever there is no stream with it. */
export class Dialler {
  readonly #dial: () => Link;
  readonly #backOff: BackOff;
  /** Whether this pod's own stream wins when both pods dial at once. */
  readonly #leads: boolean;
  #pending: Link | undefined;
  #timer: NodeJS.Timeout | undefined;
  #wanted = false;

  constructor(dial: () => Link, leads: boolean, random: () => number) {
    this.#dial = dial;
    this.#leads = leads;
    this.#backOff = new BackOff(random);
  }

  /** Begins, at the start of the process. */
  start(): void {
    this.#wanted = true;
    this.#after(this.#leads ? 0 : YIELD_MS);
  }

  /** A stream was lost. `atOnce`: the peer closed it, and a refused connection shows that its process is gone. */
  lost(atOnce: boolean): void {
    this.#wanted = true;
    this.#backOff.reset();
    this.#after(atOnce ? 0 : this.#backOff.next(CHEAP_LIMIT_MS));
  }

  /** An attempt has ended without a stream. */
  failed(link: Link, how: LinkEnd): void {
    if (link !== this.#pending) return;
    this.#pending = undefined;
    this.#after(this.#backOff.next(CHEAP.has(how) ? CHEAP_LIMIT_MS : COSTLY_LIMIT_MS));
  }

  /** There is a stream: an attempt under way is of use only if its own stream would win. */
  satisfied(link: Link): void {
    this.#wanted = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#backOff.reset();
    const pending = this.#pending;
    if (link === pending) this.#pending = undefined;
    else if (!this.#leads) pending?.close('duplicate');
  }

  stop(): void {
    this.#wanted = false;
    clearTimeout(this.#timer);
    this.#pending?.close('given-up');
  }

  #after(waitMs: number): void {
    if (!this.#wanted || this.#pending !== undefined) return;
    clearTimeout(this.#timer);
    if (waitMs === 0) this.#connect();
    else this.#timer = setTimeout(this.#connect.bind(this), waitMs);
  }

  #connect(): void {
    this.#timer = undefined;
    if (this.#wanted && this.#pending === undefined) this.#pending = this.#dial();
  }
}

/** A binary heap: the least first, equals in the order in which they came. */
export class Heap<T> {
  readonly #items: { item: T; weight: number; order: number }[] = [];
  readonly #weightOf: (item: T) => number;
  #pushed = 0;

  constructor(weightOf: (item: T) => number) {
    this.#weightOf = weightOf;
  }

  get size(): number {
    return this.#items.length;
  }

  peek(): T | undefined {
    return this.#items[0]?.item;
  }

  push(item: T): void {
    this.#items.push({ item, weight: this.#weightOf(item), order: this.#pushed++ });
    let at = this.#items.length - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#less(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  pop(): T | undefined {
    const first = this.#items[0];
    const last = this.#items.pop();
    if (first === undefined || last === undefined || first === last) return first?.item;
    this.#items[0] = last;
    this.#sink();
    return first.item;
  }

  #sink(): void {
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const child = left + 1 < this.#items.length && this.#less(left + 1, left) ? left + 1 : left;
      if (child >= this.#items.length || !this.#less(child, at)) return;
      this.#swap(child, at);
      at = child;
    }
  }

  #less(one: number, other: number): boolean {
    const a = this.#items[one];
    const b = this.#items[other];
    if (a === undefined || b === undefined) return false;
    return a.weight < b.weight || (a.weight === b.weight && a.order < b.order);
  }

  #swap(one: number, other: number): void {
    const a = this.#items[one];
    const b = this.#items[other];
    if (a === undefined || b === undefined) return;
    this.#items[one] = b;
    this.#items[other] = a;
  }
}

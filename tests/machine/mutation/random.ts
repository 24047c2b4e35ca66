/** Chance that can be repeated: a small generator (mulberry32) from a seed and the name of what it is for. */
export class Random {
  #state: number;

  constructor(seed: number, name: string) {
    this.#state = seed >>> 0;
    for (const character of name) {
      this.#state = Math.imul(this.#state ^ character.codePointAt(0)!, 0x01000193) >>> 0;
    }
  }

  /** A number from 0 to below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }

  /** A whole number from 0 to below `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  /** One of a list that is not empty. */
  of<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }
}

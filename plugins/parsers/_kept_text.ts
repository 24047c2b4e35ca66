/**
 * Text that is collected piece by piece and must not grow without end.
 *
 * @module
 */

/** Keeps the beginning of a text, up to so many characters. */
export class Head {
  readonly #limit: number;
  readonly #parts: string[] = [];
  #size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(text: string): void {
    const room = this.#limit - this.#size;
    if (room <= 0) return;
    this.#parts.push(text.slice(0, room));
    this.#size += text.length;
  }

  get text(): string {
    return this.#parts.join("");
  }
}

/** Keeps the end of a text, about so many characters. */
export class Tail {
  readonly #limit: number;
  #text = "";

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(text: string): void {
    this.#text += text;
    if (this.#text.length > this.#limit * 2) this.#text = this.#text.slice(-this.#limit);
  }

  get text(): string {
    return this.#text.slice(-this.#limit);
  }
}

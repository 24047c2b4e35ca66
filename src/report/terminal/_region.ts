/** The part of the terminal that progress draws in. */

import type { Output } from "../../io.ts";
import { cut, displayWidth } from "./width.ts";

/** Lines at the bottom of the terminal that are drawn over in place. */
export class Region {
  /** Widths of the lines that stand there now. */
  #drawn: readonly number[] = [];

  constructor(readonly output: Output, readonly columns: () => number) {}

  get isDrawn(): boolean {
    return this.#drawn.length > 0;
  }

  /** One write, and each line is overwritten before its rest is erased: nothing flickers. */
  draw(lines: readonly string[]): void {
    const columns = this.columns();
    const fitted = lines.map((line) => fit(line, columns - 1));
    this.output.write(
      `${this.#home(columns)}${fitted.map((line) => `${line}\x1b[K\n`).join("")}\x1b[J`,
    );
    this.#drawn = fitted.map(displayWidth);
  }

  erase(): void {
    if (!this.isDrawn) return;
    this.output.write(`${this.#home(this.columns())}\x1b[J`);
    this.#drawn = [];
  }

  /** To the start of the region. A terminal made narrower has broken the lines into several. */
  #home(columns: number): string {
    const rows = this.#drawn.reduce(
      (sum, width) => sum + Math.max(1, Math.ceil(width / columns)),
      0,
    );
    return rows === 0 ? "" : `\x1b[${rows}A\r`;
  }
}

/** Cut to the width; a line that has to be cut loses its colours rather than its end marks. */
function fit(line: string, columns: number): string {
  // deno-lint-ignore no-control-regex -- the sequences of our own styles
  return displayWidth(line) <= columns ? line : cut(line.replace(/\x1b\[[0-9;]*m/g, ""), columns);
}

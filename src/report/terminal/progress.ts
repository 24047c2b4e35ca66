/**
 * What a run is doing. On a terminal one line per command, redrawn in place and erased at the
 * end; elsewhere an occasional plain line for what is still running: the summary has a row for each.
 *
 * @module
 */

import type { Io, Output } from "../../io.ts";
import type { Attempt } from "../../model.ts";
import type { RunEvent } from "../../schema/journal.ts";
import { clean } from "../../text/clean.ts";
import { durationText } from "../../text/words.ts";
import { markOf, type Styles, styles } from "./style.ts";
import { cut, displayWidth, padEnd } from "./width.ts";
import { outcomeText } from "./words.ts";

/** What progress needs of the world: it writes to standard error. */
export type ProgressIo = Pick<Io, "stderr" | "columns" | "monotonic" | "sleep">;

export interface ProgressLook {
  readonly color: boolean;
  /** Used if the terminal does not say. */
  readonly columns: number;
}

export interface Progress {
  hear(event: RunEvent): void;
  /** Stops and restores the terminal. May be called again. */
  end(): void;
}

export function progress(io: ProgressIo, look: ProgressLook): Progress {
  return io.stderr.isTerminal ? liveProgress(io, look) : plainProgress(io, look);
}

interface Row {
  readonly name: string;
  /** Monotonic, in milliseconds. */
  readonly since: number;
  /** Once it is settled. */
  attempt?: Attempt;
}

const frameMs = 100;
/** More lines than this would scroll a small terminal, and scrolled lines cannot be erased. */
const maxRows = 10;
const spinner = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

function liveProgress(io: ProgressIo, look: ProgressLook): Progress {
  const style = styles(look.color);
  const region = new Region(io.stderr, () => io.columns() || look.columns);
  const rows = new Map<string, Row>();
  const start = io.monotonic();
  let total = 0;
  const draw = () =>
    region.draw(liveLines([...rows.values()], total, io.monotonic(), start, style));
  const stop = every(io, frameMs, draw);
  return {
    hear(event) {
      if (event.type === "planned") total = event.commands.length;
      // Not drawn before the first tick, so that very short runs do not flicker.
      if (event.type === "started") rows.set(event.attempt.attempt_id, rowOf(io, event.attempt));
      if (event.type !== "settled") return;
      const row = rows.get(event.attempt.attempt_id);
      if (row) row.attempt = event.attempt;
      if (region.isDrawn) draw();
    },
    end() {
      stop();
      region.erase();
    },
  };
}

function rowOf(io: ProgressIo, { name }: { readonly name: string }): Row {
  return { name, since: io.monotonic() };
}

/** Running commands come last and have priority: finished ones make room for them. */
function liveLines(
  rows: readonly Row[],
  total: number,
  now: number,
  start: number,
  style: Styles,
): string[] {
  if (rows.length === 0) return [];
  const done = rows.flatMap(({ attempt }) => attempt ?? []);
  const running = rows.filter(({ attempt }) => attempt === undefined);
  const bad = done.filter(({ verdict }) => verdict !== "pass");
  const shownRunning = running.slice(0, maxRows);
  const room = maxRows - shownRunning.length;
  const shownDone = room > 0 ? done.slice(-room) : [];
  const hidden = running.length - shownRunning.length;
  const counts = [
    `${done.length} of ${Math.max(total, rows.length)} done`,
    ...(bad.length > 0 ? [`${bad.length} not passed`] : []),
    ...(hidden > 0 ? [`${hidden} more running`] : []),
    durationText(now - start),
  ];
  const width = Math.max(...rows.map(({ name }) => displayWidth(clean(name))));
  const spin = spinner[Math.floor(now / frameMs) % spinner.length]!;
  return [
    ...shownDone.map((attempt) => doneLine(attempt, width, style)),
    ...shownRunning.map(({ name, since }) =>
      `${spin} ${padEnd(clean(name), width)}  ${durationText(now - since).padStart(6)}  running`
    ),
    style.dim(counts.join(" · ")),
  ];
}

function doneLine(attempt: Attempt, width: number, style: Styles): string {
  const mark = markOf(attempt);
  const [sign, word] = mark.text.split(" ");
  const name = padEnd(clean(attempt.name), width);
  const time = durationText(attempt.duration_ms).padStart(6);
  return `${style[mark.color](sign!)} ${name}  ${time}  ${word}  ${outcomeText(attempt)}`;
}

/** How often to say what is still running if there is no terminal. */
const remindMs = 60_000;

function plainProgress(io: ProgressIo, { columns }: ProgressLook): Progress {
  const running = new Map<string, Row>();
  const write = (line: string) => io.stderr.write(`${cut(line, Math.max(columns, 40))}\n`);
  const stop = every(io, remindMs, () => {
    for (const { name, since } of running.values()) {
      write(`… ${clean(name)} still running after ${durationText(io.monotonic() - since)}`);
    }
  });
  return {
    hear(event) {
      if (event.type === "started") running.set(event.attempt.attempt_id, rowOf(io, event.attempt));
      if (event.type === "settled") running.delete(event.attempt.attempt_id);
    },
    end: stop,
  };
}

/** Calls back repeatedly until the returned function is called. */
function every(io: ProgressIo, ms: number, tick: () => void): () => void {
  const stop = new AbortController();
  const loop = async () => {
    while (!stop.signal.aborted) {
      await io.sleep(ms, stop.signal);
      // The sleep may have ended just before it was stopped.
      if (!stop.signal.aborted) tick();
    }
  };
  loop().catch((error: unknown) => {
    // Aborting the sleep is how the loop is stopped; anything else is a bug and must surface.
    if (!stop.signal.aborted) throw error;
  });
  return () => stop.abort();
}

// The part of the terminal that progress draws in.

/** Lines at the bottom of the terminal that are redrawn in place. */
class Region {
  /** Widths of the lines currently shown. */
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

  /** Moves to the start of the region. A narrowed terminal has wrapped the lines. */
  #home(columns: number): string {
    const rows = this.#drawn.reduce(
      (sum, width) => sum + Math.max(1, Math.ceil(width / columns)),
      0,
    );
    return rows === 0 ? "" : `\x1b[${rows}A\r`;
  }
}

/** Cut to the width; a cut line loses its colours rather than its end marks. */
function fit(line: string, columns: number): string {
  // deno-lint-ignore no-control-regex -- the sequences of our own styles
  return displayWidth(line) <= columns ? line : cut(line.replace(/\x1b\[[0-9;]*m/g, ""), columns);
}

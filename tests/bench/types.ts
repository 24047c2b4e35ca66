/** The records of the benchmarks: what `results.json` holds. */

/** One figure, side by side with something else in the same minute. Never a bare time. */
export interface Figure {
  /** What was measured, such as `No-op verify`. */
  readonly name: string;
  /** What it was measured against. */
  readonly against: string;
  /**
   * The ratio of the medians; for `MiB` the peak of the resident memory, for `MB` what lies on disk, for `ms` a difference of times taken
   * in turn. Less is better.
   */
  readonly value: number;
  readonly unit: "×" | "MiB" | "MB" | "ms";
  /** The figure is met when the value is at most this; `null`: nothing was promised. */
  readonly goal: number | null;
  /** The middle half of the ratios of the single rounds: how far noise may have moved the value. */
  readonly spread?: readonly [low: number, high: number];
  readonly rounds: number;
  readonly command: string;
  readonly against_command: string | null;
}

/** A comparison that could not be made here, and why. */
export interface NotMeasured {
  readonly name: string;
  readonly against: string;
  readonly goal: number | null;
  /** Of the goal; absent: `×`. */
  readonly unit?: Figure["unit"];
  readonly not_measured: string;
}

/** One row of the table. */
export type Row = Figure | NotMeasured;

/** The machine the figures are from. Figures of different machines are not kept together. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly os: string;
  readonly deno: string;
}

/** `results.json`. */
export interface Results {
  readonly machine: Machine;
  readonly benchmarks: readonly {
    readonly id: string;
    /** The day it was measured, ISO 8601. */
    readonly date: string;
    readonly rows: readonly Row[];
  }[];
}

/** What a benchmark works with. */
export interface Bench {
  /** An empty folder on disk, removed afterwards. */
  readonly folder: string;
  /** The argv of the bundled assay. */
  readonly assay: readonly string[];
  /** The argv of a program that does nothing, on the same runtime with the same flags. */
  readonly floor: readonly string[];
  /** The environment of every command: nothing of the developer's. */
  readonly env: Readonly<Record<string, string>>;
  /** The argv of another tool, or why it cannot be had. */
  readonly tool: (name: ToolName) => Promise<Tool>;
}

/** The tools assay is compared with. */
export type ToolName =
  | "lefthook"
  | "prek"
  | "pre-commit"
  | "flake8"
  | "junit-to-ctrf"
  | "python3"
  | "xargs"
  | "time";

/** Another tool: how it is started, or why it cannot be. */
export type Tool = { readonly argv: readonly string[] } | { readonly missing: string };

/** One entry of the table in `mod.ts`. */
export interface Benchmark {
  readonly id: string;
  /** Left out unless asked for, because it takes minutes. */
  readonly slow: boolean;
  readonly run: (bench: Bench) => Promise<readonly Row[]>;
}

/** What `assay parse --json` prints. */

import type { Event, Severity, TestCounts, Verdict } from "../model.ts";

/** What was read in one report. */
export interface ParseResult {
  readonly format: string;
  /** The report was read to its end. */
  readonly complete: boolean;
  /** What a command that exits 0 with this report would be. */
  readonly verdict: Verdict;
  readonly tests: TestCounts;
  /** Errors outside any test. */
  readonly suite_errors: number;
  readonly diagnostics: number;
  readonly severities: Readonly<Record<Severity, number>>;
  /** Counts the report claims for itself, where it does. */
  readonly declared?: {
    readonly tests?: number;
    readonly passed?: number;
    readonly failed?: number;
    readonly errored?: number;
    readonly skipped?: number;
  };
  /** Why it is not complete. */
  readonly error?: { readonly code: string; readonly message: string };
  /** With `--events`. */
  readonly events?: readonly Event[];
}

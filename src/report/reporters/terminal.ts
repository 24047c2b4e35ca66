/** The summary for people. */

import { runSummary } from "../terminal/run_summary.ts";
import type { Look } from "../terminal/style.ts";
import type { RunReport } from "./types.ts";

/** Lines, each ended by a newline. */
export function* render({ run, diagnoses, annotations }: RunReport, look: Look): Generator<string> {
  yield runSummary(run, diagnoses, look, annotations);
}

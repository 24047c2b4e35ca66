/** The run's record, as it is kept: `assay schema run`. */

import type { RunReport } from "./types.ts";

/** One JSON object. */
export function* render({ run }: RunReport): Generator<string> {
  yield `${JSON.stringify(run, null, 2)}\n`;
}

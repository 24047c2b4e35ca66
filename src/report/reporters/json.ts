/** The run's record, as it is kept: `assay schema run`. */

import { jsonText } from "./_json_text.ts";
import type { RunReport } from "./types.ts";

/** One JSON object. */
export function* render({ run }: RunReport): Generator<string> {
  yield `${jsonText(run, 2)}\n`;
}

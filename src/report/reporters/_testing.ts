/** What the tests of reporters share. */

import { aRun } from "../../../tests/records.ts";
import type { RunReport } from "./types.ts";

/** A run that is ready, without any events, changed by `part`. */
export function aReport(part: Partial<RunReport> = {}): RunReport {
  const place = { file: ".assay/plugins.json", line: 3 };
  return {
    run: aRun(),
    diagnoses: [],
    annotations: [],
    events: () => [],
    journal: [],
    placeOf: () => place,
    place,
    ...part,
  };
}

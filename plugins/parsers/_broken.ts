/**
 * What a parser throws to itself when the report cannot be read on.
 *
 * @module
 */

import type { BrokenReportEvent } from "../../src/plugin.ts";

/** A place in the report; lines and columns count from 1. */
export interface ReportPlace {
  readonly line?: number;
  readonly column?: number;
}

/** The report cannot be read on: becomes a `broken` event, never leaves the parser. */
export class Broken extends Error {
  override readonly name = "Broken";
  readonly reason: BrokenReportEvent["reason"];
  readonly place: ReportPlace;

  /** @param message what is wrong, as a sentence about the report: `is empty`, `ends inside a string` */
  constructor(reason: BrokenReportEvent["reason"], message: string, place: ReportPlace = {}) {
    super(message);
    this.reason = reason;
    this.place = place;
  }
}

/** The `broken` event of a thrown {@linkcode Broken}; anything else is a bug and is thrown on. */
export function brokenEvent(error: unknown, source: string): BrokenReportEvent {
  if (!(error instanceof Broken)) throw error;
  return {
    kind: "broken",
    reason: error.reason,
    message: `${source} ${error.message}`,
    ...error.place,
  };
}

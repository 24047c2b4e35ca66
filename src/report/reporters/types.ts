/** What a reporter is, and the one record that all are made from. */

import type { Annotation, Attempt, Diagnosis, Event, Place, Run } from "../../model.ts";
import type { RunEvent } from "../../schema/journal.ts";
import type { Look } from "../terminal/style.ts";

/** A run with everything there is to report. It may have a million events, so they are read on demand. */
export interface RunReport {
  readonly run: Run;
  /** The most severe first. */
  readonly diagnoses: readonly Diagnosis[];
  /** Inline annotations of whole attempts. */
  readonly annotations: readonly Annotation[];
  /** An attempt's events in order, page by page; `problems`: only failures, errors and diagnostics. */
  events(attempt: Attempt, options?: { readonly problems?: boolean }): Iterable<readonly Event[]>;
  /** What happened in it; empty if no reporter asks for it. */
  readonly journal: readonly RunEvent[];
  /** Where the attempt's command is configured, as far as known. Always a file in the project. */
  placeOf(attempt: Attempt): Place & { readonly file: string };
  /** The same for the run as a whole. */
  readonly place: Place & { readonly file: string };
}

/** Makes the text of a report, piece by piece. Its looks only matter to people. */
export type Render = (report: RunReport, look: Look) => Iterable<string>;

export interface Reporter {
  readonly name: string;
  readonly description: string;
  /** Usual extension of its file. */
  readonly ending: string;
  /** Another report, appended to the file named by an environment variable, if it is set. */
  readonly appends?: { readonly variable: string; readonly reporter: string };
  /** It reports events as they happen: live to standard output, at the end to a file. */
  readonly streams?: boolean;
  load(): Promise<{ readonly render: Render }>;
}

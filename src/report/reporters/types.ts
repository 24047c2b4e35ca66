/** What a reporter is, and the one record that all of them are made from. */

import type { Annotation, Attempt, Diagnosis, Event, Place, Run } from "../../model.ts";
import type { Look } from "../terminal/style.ts";

/** A run with all that may be told of it. A run may have a million events: they are read when asked for. */
export interface RunReport {
  readonly run: Run;
  /** The most blocking first. */
  readonly diagnoses: readonly Diagnosis[];
  /** What annotators say of whole attempts for all to see. */
  readonly annotations: readonly Annotation[];
  /** An attempt's events in order, page by page; `problems`: failures, errors and diagnostics alone. */
  events(attempt: Attempt, options?: { readonly problems?: boolean }): Iterable<readonly Event[]>;
  /** The lines of its `journal.jsonl`; empty where no reporter asks for them. */
  readonly journal: string;
  /** Where the attempt's command is configured, as well as it is known. Always names a file of the project. */
  placeOf(attempt: Attempt): Place & { readonly file: string };
  /** The same of the run as a whole. */
  readonly place: Place & { readonly file: string };
}

/** Makes the text of a report, piece by piece. How it looks matters to people alone. */
export type Render = (report: RunReport, look: Look) => Iterable<string>;

export interface Reporter {
  readonly name: string;
  readonly description: string;
  /** Usual ending of its file. */
  readonly ending: string;
  /** Another report that is appended to the file which an environment variable names, where it is set. */
  readonly appends?: { readonly variable: string; readonly reporter: string };
  /** It tells what happens while it happens: to standard output at once, from the journal to a file. */
  readonly streams?: boolean;
  load(): Promise<{ readonly render: Render }>;
}

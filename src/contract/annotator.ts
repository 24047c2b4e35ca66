/** Enriching stored events. */

import type { ConfigTable, JsonObject } from "./json.ts";
import type { Display, Event, Kind, Reason, Verdict } from "./event.ts";
import type { Services } from "./services.ts";

/**
 * What an annotator adds to an event. Types and keys have 1 to 200 characters, text at most 16 KiB, data
 * 64 KiB as JSON; one call may add 10,000 annotations. Exceeding a limit, or naming an event that does not
 * exist, fails the call; what was added before is kept.
 */
export interface NewAnnotation {
  /** Category, such as `source_context` or `link`. */
  readonly type: string;
  /** Where it is shown. */
  readonly display: Display;
  /** The text shown, one line or several. Without it `data` is shown as `key: value`. */
  readonly text?: string;
  /** For programs. */
  readonly data?: JsonObject;
  /** A later annotation of the same event with the same key replaces it. Default: the type. */
  readonly key?: string;
}

/** Which stored records to read. All conditions must hold; at most `limit` (default 100, at most 1000). */
export interface HistoryQuery {
  /** Which records. */
  readonly from: "runs" | "attempts" | "events";
  /**
   * Values that columns must have. `runs`: run_id, state, verb, recommendation, commit, branch, tree.
   * `attempts`: run_id, attempt_id, name, kind, state, verdict. `events`: run_id, attempt_id, attempt_name,
   * type, status, name, rule, file, identity, cluster.
   */
  readonly where?: Readonly<Record<string, string | number | null>>;
  /** Default `newest` first. */
  readonly order?: "newest" | "oldest";
  /** Default 100, at most 1000. */
  readonly limit?: number;
}

/** What is known about the command whose events are annotated. */
export interface RunMetadata {
  /** Id of the runner or command. */
  readonly name: string;
  /** The gate it belongs to; `null`: a command that belongs to none. */
  readonly kind: Kind | null;
  /** The shell line that was run. */
  readonly command: string;
  /** Relative to the root. */
  readonly cwd: string;
  /** ISO 8601 in UTC; `null` when it did not start. */
  readonly startedAt: string | null;
  /** The command's verdict. */
  readonly verdict: Verdict;
  /** The reasons for the verdict. */
  readonly reasons: readonly Reason[];
  /** The commit the run was made on. */
  readonly commit: string | null;
}

/** A command that has ended, its events, and everything before it. */
export interface RunContext extends Services {
  /** The run. */
  readonly runId: string;
  /** The attempt. */
  readonly attemptId: string;
  /** Such as `test:12`. */
  readonly ref: string;
  /** The project root: file names of events are relative to it. */
  readonly sourceRoot: string;
  /** The command and its outcome. */
  readonly metadata: RunMetadata;
  /** `null` if a signal ended it or it did not start. */
  readonly exitCode: number | null;
  /** Milliseconds. */
  readonly durationMs: number;
  /** The tables of extensions, as configured. */
  readonly extensionData: Readonly<Record<string, ConfigTable>>;
  /** Its events in order, read on demand; `problems`: only failures and diagnostics. */
  events(filter?: { readonly problems?: boolean }): AsyncIterable<Event>;
  /**
   * Stored records of this and earlier runs, without plugin data. A record of `runs` has the run's own fields of
   * `run.json`; one of `attempts` the command's, with `run_id` and `name`; one of `events` the event
   * with `run_id`, `attempt_id`, `attempt_name` and its `ref`. Rejects for an unknown table or column.
   */
  query(query: HistoryQuery): Promise<readonly JsonObject[]>;
  /**
   * Annotates an event, given itself or its index; 0 is the attempt as a whole. The annotator's annotations of the
   * attempt are saved when its call has ended, replacing its earlier ones.
   */
  addAnnotation(event: Event | number, annotation: NewAnnotation): void;
}

/** Enriches stored events. */
export interface Annotator {
  /** Shown with each of its annotations. Must be unique among annotators. */
  readonly name: string;
  /** One line for `assay plugin list`. */
  readonly description?: string;
  /** True: in every run. False: on request, by `assay inspect REF --annotate`. */
  readonly eager: boolean;
  /** Whether it has anything to say about this command. */
  shouldAnnotate(context: RunContext): boolean | Promise<boolean>;
  /** Looks at the events and adds annotations. */
  annotate(context: RunContext): void | Promise<void>;
}

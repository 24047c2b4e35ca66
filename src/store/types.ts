/** What the store offers to the pipeline and the verbs. */

import type { Blocked } from "../errors.ts";
import type { Annotation, Attempt, Display, Event, Run } from "../model.ts";
import type { RunEvent } from "../schema/journal.ts";
import type { HistoryQuery, JsonObject } from "../plugin.ts";

/** A reference such as `test:12:3`, `~1`, `@failed`, parsed. */
export type Reference =
  | {
    readonly form: "serial";
    readonly name: string;
    readonly serial: number;
    readonly event?: number;
  }
  | {
    readonly form: "newest";
    readonly name?: string;
    readonly back: number;
    readonly event?: number;
  }
  | { readonly form: "failed"; readonly event?: number }
  | { readonly form: "run"; readonly runId: string };

/** Writes evidence of one run. Every method is durable against `kill -9` once it returned. */
export interface RunWriter {
  /** Absolute path of `.assay/runs/<run_id>`. */
  readonly dir: string;
  /** The run as it started, with its `seq`. */
  readonly run: Run;
  /**
   * Records the attempt as running, with the next of the serials taken for its name. Returns
   * `name:serial`.
   */
  startAttempt(attempt: Attempt & { readonly pid?: number }): { readonly ref: string };
  /**
   * Adds events of an attempt after those it has, whatever index they give themselves; called in batches while a report
   * is parsed. They are in the attempt's file once it resolved, and in the index once the attempt has ended.
   */
  addEvents(attemptId: string, events: readonly Event[]): Promise<void>;
  /** Adds a line to the run's `journal.jsonl`, in the background; `finishRun` throws any error. */
  journal(event: RunEvent): void;
  /** Records the attempt's outcome, outputs, metrics, artifacts and extension data in one transaction. */
  finishAttempt(attempt: Attempt): void;
  /**
   * Writes `run.json` atomically and marks the run finished. Throws when any evidence of the run could not
   * be stored, even if that error was caught before: such a run must not end green.
   */
  finishRun(run: Run, closed?: RunEvent): Promise<void>;
}

/** Reads and writes `.assay/`. */
export interface Store {
  /** Problems found and repaired when the store was opened, for people. */
  readonly warnings: readonly string[];
  /**
   * Takes the run's `seq`, and a serial by name for each attempt that it may start; creates
   * its folder and its row. Its first `run.json` (state `running`) follows at once.
   */
  startRun(run: Omit<Run, "seq">, names: readonly string[]): Promise<RunWriter>;
  /** Newest first. Runs whose process is dead are `interrupted`. */
  runs(limit: number): readonly Run[];
  /** The run with this id or unique prefix of at least 6 characters. */
  run(id: string): Run | undefined;
  latestRun(): Run | undefined;
  /**
   * The runs that judged a change (`verify`, `hook run`), by `seq`, the newest first. A run folder that
   * cannot be read has its place among them, the newest possible: a search for the newest run
   * must not skip it.
   */
  judged(): AsyncIterable<JudgedRun>;
  /** The attempt a reference names, with its run. A reference to a run names no attempt: a UserError. */
  attempt(reference: Reference): { readonly run: Run; readonly attempt: Attempt } | undefined;
  /**
   * Events of an attempt in order.
   *
   * @throws {Blocked} when their file is gone or was changed
   */
  events(attemptId: string, options?: EventQuery): Promise<readonly Event[]>;
  /** The same, lazily: never are all of them in memory. */
  eventPages(attemptId: string): Promise<EventPages>;
  /** Index of an attempt's last event, which equals their number; 0: none. */
  lastEvent(attemptId: string): number;
  /** What annotators say about an attempt and its events, by event, annotator and key. */
  annotations(attemptId: string, options?: AnnotationQuery): readonly Annotation[];
  /**
   * Keeps what one annotator says about one attempt, in one transaction: what it said before under the same
   * key is replaced, and unless `keepOthers`, what it no longer says is removed. Where nothing can
   * be written (see {@linkcode Store.writable}) it is lost when the store is closed.
   */
  putAnnotations(
    attemptId: string,
    annotator: string,
    annotations: readonly PutAnnotation[],
    options?: { readonly keepOthers?: boolean },
  ): { readonly written: number; readonly removed: number };
  /**
   * Stored records of `until` and of runs with a lower `seq`, as plugins may see them.
   *
   * @throws {PluginError} when the query is invalid.
   */
  query(
    query: HistoryQuery,
    until: Pick<Run, "run_id" | "seq">,
  ): Promise<readonly JsonObject[]>;
  /** Whether what is written is kept. */
  readonly writable: boolean;
  close(): void;
}

/** A run that judged a change, or why its result is unknown. */
export type JudgedRun = { readonly run: Run } | { readonly problem: Blocked };

export interface AnnotationQuery {
  /** Of this event; 0: of the attempt as a whole. Default: all. */
  readonly index?: number;
  /** Default: all. */
  readonly displays?: readonly Display[];
}

export interface PutAnnotation extends Omit<Annotation, "ref" | "annotator"> {
  /** Of the event; 0: of the attempt as a whole. */
  readonly index: number;
}

export interface EventQuery {
  /** Only those that represent a failure: failed or errored tests, suite errors, diagnostics. */
  readonly problems?: boolean;
  readonly index?: number;
  readonly limit?: number;
}

export type EventPages = (
  options?: Pick<EventQuery, "problems">,
) => Iterable<readonly Event[]>;

export interface OpenOptions {
  /**
   * For verbs that only look: nothing is created where there is no store, and where nothing can be written
   * the evidence is read from the run folders themselves. Dead runs are still recorded as interrupted
   * where that is possible.
   */
  readonly readOnly?: boolean;
}

export interface RebuildResult {
  readonly runs: number;
  readonly attempts: number;
  readonly warnings: readonly string[];
}

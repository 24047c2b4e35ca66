/**
 * The records assay keeps and prints. Field names are those of the evidence on disk (`run.json`), of
 * the database and of `--json`, so one shape serves all three. Imports nothing.
 *
 * Times are ISO 8601 in UTC; durations are milliseconds; lines and columns count from 1; paths are
 * relative to the project root with `/` unless they lie outside it.
 *
 * @module
 */

/** Which gate a runner or command contributes to. */
export type Kind = "build" | "test" | "lint";

/** The kinds in the order they are shown. */
export const kinds: readonly Kind[] = ["build", "test", "lint"];

/** What may be said of one command. Unknown is never a pass. */
export type Verdict = "pass" | "fail" | "unknown";

/** Why a command's verdict is what it is: the closed list of the README's table "Outcomes". */
export type ReasonCode =
  | "ok"
  | "tests_failed"
  | "diagnostics_found"
  | "exit_nonzero"
  | "disagreement"
  | "collection_error"
  | "timeout"
  | "killed"
  | "oom"
  | "no_tests"
  | "all_skipped"
  | "report_missing"
  | "report_stale"
  | "report_malformed"
  | "report_truncated"
  | "tool_missing"
  | "sandbox_unenforced"
  | "sandbox_denied"
  | "cancelled"
  | "lock_timeout"
  | "interrupted"
  | "prepare_failed"
  | "uncounted"
  | "nothing_checked"
  | "report_overwritten"
  | "report_too_large"
  | "no_runner"
  | "not_needed"
  | "submodule_mismatch"
  | "disk_full"
  | "resource_limit";

/** One reason: the stable code and the sentence for people. */
export interface Reason {
  /** Stable. */
  readonly code: ReasonCode;
  /** One sentence; what is to be pasted somewhere may follow it, on lines of its own. */
  readonly message: string;
}

/** What became of the tests of one report. `flaky` tests are among the `passed`. */
export interface TestCounts {
  total: number;
  passed: number;
  failed: number;
  errored: number;
  skipped: number;
  flaky: number;
}

/** Severity of a diagnostic a tool reported. */
export type Severity = "error" | "warning" | "info";

/** One line of a stack trace. */
export interface Frame {
  /** As the trace names it; relative to the root where it lies inside. */
  readonly file: string;
  /** From 1. */
  readonly line?: number;
  /** From 1. */
  readonly column?: number;
  /** The function's name. */
  readonly function?: string;
}

/** What one test did. */
export type TestStatus = "passed" | "failed" | "errored" | "skipped";

/** Where an event points. */
export interface Place {
  /** Relative to the root where it lies inside. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  /** From 1. */
  readonly column?: number;
  /** From 1. */
  readonly end_line?: number;
  /** From 1. */
  readonly end_column?: number;
}

/** One thing a report says: a test's result, a diagnostic, or an error outside any test. */
export interface Event extends Place {
  /** Number within the attempt, from 1: the last part of a reference such as `test:12:3`. */
  readonly index: number;
  /** What it is. */
  readonly type: "test" | "diagnostic" | "suite_error";
  /** For a test its status; else the severity. */
  readonly status: TestStatus | Severity;
  /** The test's name, or nothing. */
  readonly name?: string;
  /** The suite, class or module the test belongs to. */
  readonly suite?: string;
  /** A diagnostic's rule, such as `no-explicit-any`. */
  readonly rule?: string;
  /** The tool that spoke, when the report names it. */
  readonly tool?: string;
  /** One line. */
  readonly message?: string;
  /** Longer text: the assertion's diff, the raw stack trace. */
  readonly details?: string;
  /** Milliseconds. */
  readonly duration_ms?: number;
  /** Passed in the end after it had failed. */
  readonly flaky?: boolean;
  /** The stack, innermost first. */
  readonly frames?: readonly Frame[];
  /** Survives moved lines: tool, file, test or rule, normalised message. */
  readonly identity: string;
  /** Shape of the message, the same for one cause in many places. */
  readonly cluster: string;
}

/** One dimension of a declared sandbox and what became of it. */
export interface SandboxFact {
  readonly dimension: string;
  readonly declared: string;
  /** The engine that enforced it, `assay` for what assay does itself; absent when nothing did. */
  readonly enforced_by?: string;
  /** What the enforcing engine leaves out. */
  readonly caveat?: string;
  /** Why it was not enforced. */
  readonly why?: string;
}

/** How wide the sandbox that was enforced is, the tightest first. */
export type Grade = "sealed" | "pinhole" | "scoped" | "broad" | "open";

/** Something a sandbox kept a command from. */
export interface Denial {
  readonly dimension: string;
  /** The path, host or system call, when it is known. */
  readonly subject?: string;
  /** Where this is known from. */
  readonly evidence: string;
  /** The kernel or the engine ended the command, or a process of it, for this. */
  readonly killed?: boolean;
}

/** A value before and after an extension had it. */
export interface Change<T> {
  readonly before: T;
  readonly after: T;
}

/** What one extension changed of a command; what is absent it left alone. */
export interface SpecChanges {
  /** The shell line. */
  readonly command?: Change<string>;
  /** Relative to the root. */
  readonly cwd?: Change<string>;
  readonly timeout_ms?: Change<number>;
  readonly shell?: Change<readonly string[]>;
  /** Programs in front of the shell, outermost first. */
  readonly wrappers?: Change<readonly (readonly string[])[]>;
  /** Names alone: values may be secrets. */
  readonly env?: { readonly set: readonly string[]; readonly unset: readonly string[] };
  /** How many collectors it registered. */
  readonly collectors?: number;
}

/** An extension that prepared a command. */
export interface AppliedExtension {
  readonly extension: string;
  readonly changes: SpecChanges;
  readonly duration_ms: number;
}

/** What a check's result rests on, the strongest first: counted, read from standard output, said by its exit code. */
export type EvidenceGrade = "report" | "output" | "exit_code";

/** One command of a run, and what came of it. */
export interface Attempt {
  /** The runner's or command's id. */
  readonly id: string;
  readonly kind: Kind;
  /** Reference without `:event`, such as `test:12`. */
  readonly ref: string;
  readonly attempt_id: string;
  readonly required: boolean;
  /** The shell line as it was run: placeholders filled, extensions done. */
  readonly command: string;
  /** The shell line as configured. */
  readonly original_command: string;
  readonly cwd: string;
  readonly state: "pending" | "running" | "finished" | "interrupted";
  readonly verdict: Verdict;
  readonly reasons: readonly Reason[];
  /** For a test, `report` only when it counted at least one. */
  readonly evidence: EvidenceGrade;
  readonly exit_code: number | null;
  readonly signal: string | null;
  readonly timed_out: boolean;
  readonly cancelled: boolean;
  readonly started_at: string | null;
  readonly duration_ms: number;
  readonly tests: TestCounts;
  /** How many diagnostics the report holds, and how many of each severity. */
  readonly diagnostics: number;
  readonly severities: { error: number; warning: number; info: number };
  /** Errors outside any test. */
  readonly suite_errors: number;
  /** The report as configured (`null`: none, or on standard output). */
  readonly result_file: string | null;
  readonly result_format: string;
  /** Which part of the runner's files it was given, where one line could not hold them all. */
  readonly batch?: { readonly number: number; readonly of: number };
  /** Raw standard output and standard error, relative to the root. */
  readonly output_file: string | null;
  readonly stderr_file: string | null;
  /** True when a stream was larger than the cap and only its beginning was kept. */
  readonly truncated: boolean;
  readonly artifacts: readonly Artifact[];
  readonly metrics: Readonly<Record<string, number>>;
  readonly sandbox: readonly SandboxFact[];
  /** From what was enforced; absent when no sandbox is declared. */
  readonly grade?: Grade;
  /** What the sandbox kept it from, as far as there is evidence; absent: nothing known. */
  readonly denials?: readonly Denial[];
  /** The variables the command says to keep (`capture_env`), save those that look like secrets. */
  readonly environment: Readonly<Record<string, string>>;
  /** The extensions that prepared it, in their order, and what each changed. */
  readonly extensions: readonly AppliedExtension[];
  /** What extensions keep with it: data that survives JSON, by the extension's name and its own key. */
  readonly extension_data: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly warnings: readonly string[];
}

/** Whether it found nothing to look at among the files of a change, and nothing else is wrong. */
export function isNotNeeded({ state, verdict, reasons }: Attempt): boolean {
  return state === "finished" && verdict === "unknown" && reasons.length > 0 &&
    reasons.every(({ code }) => code === "not_needed");
}

/** A file kept as evidence. */
export interface Artifact {
  readonly name: string;
  /** Relative to the root. */
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** Where an annotation is shown: with its event everywhere, in `assay inspect` only, or nowhere. */
export type Display = "inline" | "detail" | "hidden";

/** What an annotator says of an event, or of an attempt as a whole. */
export interface Annotation {
  /** Of the event, such as `test:12:3`; of the attempt, such as `test:12`. */
  readonly ref: string;
  readonly annotator: string;
  /** One annotator says one thing of one event under one key. */
  readonly key: string;
  /** Category, such as `source_context`. */
  readonly type: string;
  readonly display: Display;
  /** What is shown, one line or several; without it the data is. */
  readonly text?: string;
  /** For programs: data that survives JSON. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** What a gate may say. */
export type GateStatus = "pass" | "fail" | "unknown" | "waived" | "not_applicable";

/** One gate of a run. */
export interface Gate {
  readonly id: string;
  readonly status: GateStatus;
  /** 0 to 1. */
  readonly score: number;
  readonly weight: number;
  readonly required: boolean;
  readonly reason: string;
  /** Why, where programs need to tell: `no_runner`, `not_needed`. */
  readonly code?: ReasonCode;
}

/** Which checks a run is about. */
export interface Coverage {
  /** Kinds of which there is a runner that applies and is needed. */
  readonly present: readonly Kind[];
  /** Kinds of which something required was left out on request. */
  readonly skipped: readonly Kind[];
  /** Something was left out, on request or because no change concerns it: it says nothing of the whole. */
  readonly partial: boolean;
}

/** What assay advises. Only `ready_for_review` is green. */
export type Recommendation = "ready_for_review" | "continue_fixing" | "blocked";

/** A runner that applies to the project but was not needed in a run: none of its files is concerned. */
export interface Unneeded {
  readonly id: string;
  readonly kind: Kind;
  readonly required: boolean;
  readonly reason: string;
}

/** One `assay verify`, `run`, `exec` or `hook run`. This is `run.json`, and what `--json` prints. */
export interface Run {
  readonly schema: "assay.run/1";
  readonly run_id: string;
  /** From 1, in the order in which runs start: the newest run has the highest, whatever the clock says. */
  readonly seq: number;
  readonly assay_version: string;
  readonly root: string;
  readonly commit: string | null;
  readonly branch: string | null;
  readonly dirty: boolean | null;
  /** Git tree hash of the working tree, untracked files included; `null` when it could not be told. */
  readonly tree: string | null;
  readonly started_at: string;
  readonly duration_ms: number;
  readonly state: "running" | "finished" | "interrupted";
  /** The verb that made the run. */
  readonly verb: string;
  readonly recommendation: Recommendation;
  /** 0 to 100, one decimal. */
  readonly confidence: number;
  readonly threshold: number;
  readonly gates: readonly Gate[];
  readonly runners: readonly Attempt[];
  /** Absent: none. */
  readonly unneeded?: readonly Unneeded[];
  /** Absent: not known, so that nothing can be said of any kind. */
  readonly coverage?: Coverage;
  readonly warnings: readonly string[];
}

/** How much a diagnosis stands in the way. */
export type DiagnosisSeverity = "blocker" | "critical" | "warning" | "info";

/** One thing to repair: a cluster of events, or what became of a command. */
export interface Diagnosis extends Place {
  readonly category:
    | "test"
    | "lint"
    | "build"
    | "crash"
    | "timeout"
    | "missing_tool"
    | "unreadable_report"
    | "no_evidence"
    | "environment";
  readonly severity: DiagnosisSeverity;
  /** One line: what is wrong. */
  readonly title: string;
  /** One sentence: what to do. */
  readonly task: string;
  readonly frames: readonly Frame[];
  /** Lines of the source or of the output around the cause. */
  readonly excerpt: string | null;
  /** What to put into a file as it stands; absent: nothing. */
  readonly paste?: string;
  /** How many events share this cause. */
  readonly count: number;
  /** References of the events (at most 20) or of the attempt, such as `test:12:3`. */
  readonly refs: readonly string[];
  /** Fingerprint of the cause. */
  readonly cluster: string;
  /** What annotators say of the events it refers to for all to see (`inline`); absent: nothing. */
  readonly annotations?: readonly Annotation[];
}

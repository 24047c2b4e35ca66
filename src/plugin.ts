/**
 * The contracts a plugin author writes against: the only file of assay's that a plugin imports. Types and
 * one identity helper, no logic.
 *
 * A plugin is one ESM module whose default export is a {@linkcode Plugin}. What it brings is called by
 * assay in this order: extensions prepare a command, engines wrap it, collectors look at what it did,
 * parsers read its report, extensions store, annotators enrich the events.
 *
 * Every call has a time limit. A call that throws, runs out of time or returns something of another shape
 * costs the plugin's contribution, never the run's record: a `prepare` that fails ends that attempt as
 * unknown (a command that could not be prepared as configured was not checked), anything else is a
 * warning on the attempt.
 *
 * A plugin from a URL runs in a worker of its own with the permissions it was granted, by default none.
 * What it is handed and what it returns crosses by structured clone: plain data, no class instances, no
 * functions, save the collectors and annotations that the contract names.
 *
 * @example
 * ```ts
 * import { definePlugin } from "@assay/assay/plugin";
 *
 * export default definePlugin({
 *   name: "greeting",
 *   extensions: [{
 *     name: "greeting",
 *     configKey: "greeting", // switched on by a table [commands.NAME.greeting]
 *     prepare(spec) {
 *       spec.env.GREETING = String(spec.extensionData.greeting?.text ?? "hello");
 *       return spec;
 *     },
 *   }],
 * });
 * ```
 *
 * @module
 */

import type {
  Event,
  Frame,
  Kind,
  Place,
  Reason,
  ReasonCode,
  Severity,
  TestStatus,
  Verdict,
} from "./model.ts";

export type { Event, Frame, Kind, Place, Reason, ReasonCode, Severity, TestStatus, Verdict };

/** The result of one test. A test with several results in its report is reported once, the worst. */
export interface TestReportEvent {
  /** Tells the events apart. */
  readonly kind: "test";
  /** How it ended. */
  readonly status: TestStatus;
  /** The test's own name, without its suite. */
  readonly name: string;
  /** The suite, class or module it belongs to. */
  readonly suite?: string;
  /** As the report names it; assay makes it relative to the root. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  /** From 1. */
  readonly column?: number;
  /** Milliseconds. */
  readonly durationMs?: number;
  /** One line: the assertion's or exception's message. */
  readonly message?: string;
  /** The whole text: diff, stack trace, captured output. */
  readonly details?: string;
  /** The stack, innermost first. */
  readonly frames?: readonly Frame[];
  /** Passed in the end after it had failed. Only with status `passed`. */
  readonly flaky?: boolean;
}

/** What a linter, compiler or type checker says of a place. */
export interface DiagnosticReportEvent {
  /** Tells the events apart. */
  readonly kind: "diagnostic";
  /** What the tool calls it, brought to three levels. */
  readonly severity: Severity;
  /** One line. */
  readonly message: string;
  /** Such as `no-explicit-any`. */
  readonly rule?: string;
  /** The tool that speaks, when the report names it. */
  readonly tool?: string;
  /** As the report names it; assay makes it relative to the root. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  /** From 1. */
  readonly column?: number;
  /** Last line, from 1. */
  readonly endLine?: number;
  /** Last column, from 1. */
  readonly endColumn?: number;
  /** Longer text: the code shown, the help. */
  readonly details?: string;
  /** The stack, innermost first. */
  readonly frames?: readonly Frame[];
}

/** An error outside any test: a module that did not import, a suite's set-up that failed. */
export interface SuiteErrorReportEvent {
  /** Tells the events apart. */
  readonly kind: "suite_error";
  /** One line. */
  readonly message: string;
  /** What failed, such as the name of a suite. */
  readonly name?: string;
  /** As the report names it; assay makes it relative to the root. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  /** Longer text: the stack trace. */
  readonly details?: string;
  /** The stack, innermost first. */
  readonly frames?: readonly Frame[];
}

/**
 * Counts the report claims for itself. They prove nothing, but where they contradict what was read
 * (failures claimed and none shown, more tests claimed than shown) the report does not pass.
 */
export interface DeclaredReportEvent {
  /** Tells the events apart. */
  readonly kind: "declared";
  /** All tests. */
  readonly tests?: number;
  /** Tests that failed. */
  readonly failed?: number;
  /** Tests that could not be run to their end. */
  readonly errored?: number;
  /** Tests that were left out. */
  readonly skipped?: number;
}

/**
 * The report cannot be read on. What was read so far stays as evidence; the verdict is unknown.
 * `malformed`: it is not what the format says. `truncated`: it ends before its end.
 */
export interface BrokenReportEvent {
  /** Tells the events apart. */
  readonly kind: "broken";
  /** Which of the two. */
  readonly reason: "malformed" | "truncated";
  /** What is wrong, one line. */
  readonly message: string;
  /** Where in the report, from 1. */
  readonly line?: number;
  /** Where in the report, from 1. */
  readonly column?: number;
}

/**
 * The report was read to its end. A parser yields this last and only then: a parser that stops
 * without it counts as truncated, so that forgetting it can never make a pass.
 */
export interface EndReportEvent {
  /** Tells the events apart. */
  readonly kind: "end";
}

/** What a parser reads out of a report, in the report's order. */
export type ReportEvent =
  | TestReportEvent
  | DiagnosticReportEvent
  | SuiteErrorReportEvent
  | DeclaredReportEvent
  | BrokenReportEvent
  | EndReportEvent;

/** What a parser may know of where the report comes from. */
export interface ParseContext {
  /** The project root, an absolute path: strip it from file names. */
  readonly root: string;
  /** Where the command ran, an absolute path: relative file names are relative to it. */
  readonly cwd: string;
  /** The report's name for messages: its path, or `standard output`. */
  readonly source: string;
}

/** Reads one report format. Yields batches of events: one array a chunk keeps large reports fast. */
export interface ReportParser {
  /** The `result_format` that chooses this parser, such as `junit-xml`. */
  readonly format: string;
  /** One line for `assay help formats`. */
  readonly description: string;
  /**
   * What a report of this format must hold to prove something.
   *
   * - `tests`: at least one test; a report without any is unknown.
   * - `diagnostics`: nothing; a report that was read to its end and tells of no problem is a pass.
   * - `either`: at least one test when its runner's kind is `test`, else nothing.
   * - `nothing`: it explains an output and never proves anything; no runner can choose it.
   */
  readonly holds: "tests" | "diagnostics" | "either" | "nothing";
  /** Reads a report. Must end with an {@linkcode EndReportEvent} when it read all of it. */
  parse(
    input: ReadableStream<Uint8Array>,
    context: ParseContext,
  ): AsyncIterable<ReportEvent | readonly ReportEvent[]>;
}

/**
 * One way to detect a stack: a path or glob relative to the root, or a file that must also hold a key
 * (`scripts.test` of a JSON or TOML file) or a piece of text. With a `key`, `contains` and `lacks` look
 * at its value; else at the file, as if a line end stood before its first line. `lacks`: none of these.
 */
export type Detect =
  | string
  | {
    readonly file: string;
    readonly key?: string;
    readonly contains?: string;
    readonly lacks?: string | readonly string[];
  };

/** A runner as written in `plugins.json`; see the README's table "Runner fields". */
export interface Runner {
  /** Stable name; it stands in references such as `test:12`. */
  readonly id: string;
  /** The gate it belongs to. */
  readonly kind: Kind;
  /** One line for people. */
  readonly description?: string;
  /** Any one of these is enough. */
  readonly detect_file: Detect | readonly Detect[];
  /** Shell line; `{{run_id}}`, `{{run_dir}}` and `{{result_file}}` are filled in. */
  readonly command: string;
  /** Where it writes its report, relative to the root. */
  readonly result_file?: string;
  /** Format of the report. Without it the exit code decides. */
  readonly result_format?: string;
  /** `"5m"`, or seconds. */
  readonly timeout?: string | number;
  /** Relative to the root. */
  readonly cwd?: string;
  /** Variables to set. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whether its gate depends on it. Default true. */
  readonly required?: boolean;
  /** False switches it off. */
  readonly enabled?: boolean;
  /** Diagnostics of this severity or above fail. Default `error`. */
  readonly fail_on?: Severity;
  /** Whether a run in which no test ran may pass. Default false. */
  readonly allow_no_tests?: boolean;
  /** Globs of the files the result depends on. */
  readonly inputs?: readonly string[];
  /** Runners with the same lock never run at the same time. */
  readonly lock?: string;
  /** A preset's name or a table. */
  readonly sandbox?: string | Readonly<Record<string, unknown>>;
}

/** Data that survives JSON. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

/** An object of {@linkcode Json}. */
export interface JsonObject {
  /** Any key. */
  readonly [key: string]: Json;
}

/** A table of configuration, as the user wrote it. */
export type ConfigTable = Readonly<Record<string, unknown>>;

/** What a program that a plugin started has done. */
export interface ProgramResult {
  /** `null` when a signal ended it. */
  readonly exitCode: number | null;
  /** At most 1 MiB of each. */
  readonly stdout: string;
  /** What it wrote to standard error. */
  readonly stderr: string;
}

/**
 * What assay lends a plugin for one call. Each method can do what the plugin was granted and no more: in a
 * worker it goes through that worker's own permissions. The built-in plugins use nothing else.
 */
export interface Services {
  /** The `options` of the plugin's `[[plugin]]` table. */
  readonly options: ConfigTable;
  /** The project root, an absolute path. */
  readonly root: string;
  /** Aborted when the call's time is up; what still runs a moment later is ended. */
  readonly signal: AbortSignal;
  /**
   * The text of a file of the project, by a path relative to the root or absolute. `undefined` when there is
   * none, or when it lies outside the root once symbolic links are followed. Needs `read`.
   */
  readText(path: string): Promise<string | undefined>;
  /**
   * Runs a program without a shell, with standard input closed, and waits for it. `cwd` (default: the root),
   * `env` is added to the environment. Needs `run`. Rejects when there is no such program.
   */
  run(
    argv: readonly string[],
    options?: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> },
  ): Promise<ProgramResult>;
  /** A variable of the environment assay was started with. Needs `env`. */
  env(name: string): string | undefined;
  /** A sentence for people, kept with the attempt's warnings. */
  warn(message: string): void;
}

/**
 * A command on its way to being executed. An extension's `prepare` changes the fields that are not
 * `readonly` and returns it; what changed is recorded and shown by `assay explain`.
 */
export interface CommandSpec {
  /** Shell line. Starts as {@linkcode originalCommand}. */
  command: string;
  /** The line as configured, placeholders filled. */
  readonly originalCommand: string;
  /** Id of the runner or command. */
  readonly commandName: string;
  /** Unique; names the attempt in the store. */
  readonly attemptId: string;
  /** The project root, an absolute path. */
  readonly workspace: string;
  /** Absolute path inside the workspace. */
  cwd: string;
  /** Folder of the attempt's evidence, an absolute path; there while the command runs. */
  readonly liveDir: string;
  /**
   * The whole environment. assay's own variables (`ASSAY_*`) are set after the last extension, so that
   * nobody can forge them.
   */
  env: Record<string, string>;
  /** Time limit in milliseconds. */
  timeoutMs: number;
  /** The shell and its flag, to which the line is added as one argument. Default `["sh", "-c"]`. */
  shell: string[];
  /** Programs put in front of the shell, outermost first, each an argv such as `["nice", "-n", "5"]`. */
  wrappers: string[][];
  /** The tables of all extensions of this command, by `configKey`. */
  readonly extensionData: Readonly<Record<string, ConfigTable>>;
  /** Looks at the result when the command has ended. Push to it; the last one pushed runs first. */
  collectors: Collector[];
}

/** One stream of a command as it was kept, on disk and not in memory. */
export interface OutputHandle {
  /** Bytes kept. */
  readonly bytes: number;
  /** Whether the command wrote more than was kept. */
  readonly truncated: boolean;
  /** A part of it as text; `from` is a byte offset (negative: from the end), at most 1 MiB a call. */
  readText(options?: { readonly from?: number; readonly bytes?: number }): Promise<string>;
}

/** What a command did: orthogonal facts, each holds whatever the others say. */
export interface ExecutionResult {
  /** `null` when a signal ended it or it did not start. */
  readonly exitCode: number | null;
  /** Standard output. */
  readonly stdout: OutputHandle;
  /** Standard error. */
  readonly stderr: OutputHandle;
  /** ISO 8601 in UTC. */
  readonly startedAt: string;
  /** ISO 8601 in UTC. */
  readonly completedAt: string;
  /** Milliseconds. */
  readonly durationMs: number;
  /** Name of the signal that ended it, such as `SIGSEGV`. */
  readonly signal: string | null;
  /** Its time limit ended it. */
  readonly timedOut: boolean;
  /** The run was stopped, and the command with it. */
  readonly cancelled: boolean;
  /** Whether one of its streams was cut. */
  readonly truncated: boolean;
  /** `null` when it did not start. */
  readonly pid: number | null;
  /** Numbers a collector adds; they are stored with the attempt. */
  readonly metrics: Record<string, number>;
  /** Files a collector adds, by name: paths inside the workspace; they are copied into the evidence. */
  readonly artifacts: Record<string, string>;
}

/** Gathers data after a command has ended: resource usage, logs, what a container left. */
export interface Collector {
  /** Writes into `result.metrics` and `result.artifacts`. */
  collect(spec: CommandSpec, result: ExecutionResult, services: Services): void | Promise<void>;
}

/** Where an extension keeps data of an attempt. It sees its own keys alone. */
export interface ExtensionStore {
  /**
   * Keeps a value with the attempt; the last one of a key counts. All that the extensions of an attempt set
   * is written in one transaction with its outcome; what an extension set before it threw is not written.
   */
  set(key: string, value: Json): void;
}

/** Hooks into the way of a command: prepare → execute → collect → store. */
export interface Extension {
  /** Stands in `[extensions] order`. */
  readonly name: string;
  /**
   * The table that switches it on: `[commands.NAME.<configKey>]`, or a key of a runner. One extension alone
   * may claim a key.
   */
  readonly configKey: string;
  /** What is wrong with a table, one sentence each; begin it with the key (`enabled must be …`). */
  validate?(
    config: ConfigTable,
    services: Services,
  ): readonly string[] | Promise<readonly string[]>;
  /** Changes the command and returns it. Called only for commands that carry the table. */
  prepare(spec: CommandSpec, services: Services): CommandSpec | Promise<CommandSpec>;
  /** Called when the command has ended and the collectors ran. */
  store?(
    spec: CommandSpec,
    result: ExecutionResult,
    store: ExtensionStore,
    services: Services,
  ): void | Promise<void>;
}

/** What a sandbox can hold a command to, by the keys of the `sandbox` table. */
export type Dimension =
  | "network"
  | "hosts"
  | "filesystem"
  | "paths_writable"
  | "paths_readable"
  | "paths_hidden"
  | "processes"
  | "pids"
  | "timeout"
  | "cpu"
  | "memory"
  | "tmpfs"
  | "env";

/** A declared sandbox: the active dimensions only, sizes in bytes, times in milliseconds. */
export interface SandboxSpec {
  /** What it may reach. */
  readonly network?: "none" | "localhost" | "hosts" | "unrestricted";
  /** Hosts with an optional port, for `network = "hosts"`. */
  readonly hosts?: readonly string[];
  /** What it may write. */
  readonly filesystem?: "readonly" | "workspace_only" | "scoped_write" | "unrestricted";
  /** Absolute paths. */
  readonly paths_writable?: readonly string[];
  /** Absolute paths, besides what the rest allows. */
  readonly paths_readable?: readonly string[];
  /** Absolute paths it must not see. */
  readonly paths_hidden?: readonly string[];
  /** Whether it sees and signals other processes. */
  readonly processes?: "isolated" | "visible";
  /** At most so many processes. */
  readonly pids?: number;
  /** Milliseconds. */
  readonly timeout?: number;
  /** Milliseconds of processor time. */
  readonly cpu?: number;
  /** Bytes. */
  readonly memory?: number;
  /** Bytes of a private `/tmp`. */
  readonly tmpfs?: number;
}

/** What an engine may know of the command it wraps. */
export interface WrapContext extends Services {
  /** The attempt. */
  readonly attemptId: string;
  /** Id of the runner or command. */
  readonly commandName: string;
  /** The project root, an absolute path. */
  readonly workspace: string;
  /** Where the command runs, an absolute path. */
  readonly cwd: string;
  /** Folder of the attempt's evidence, an absolute path. */
  readonly liveDir: string;
  /** The command's whole environment. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Whether an engine works here, proved by doing and not by looking at version numbers. */
export interface Probe {
  /** Whether it can be relied on. */
  readonly works: boolean;
  /** What was tried and what happened, for `assay sandbox doctor`. */
  readonly detail: string;
  /** What of the engine's capabilities this machine cannot give, and why. */
  readonly missing?: Readonly<Partial<Record<Dimension, string>>>;
}

/** Holds a command to a sandbox by wrapping its argv. */
export interface SandboxEngine {
  /** Stands in a sandbox's `engines`. One engine alone may have a name. */
  readonly name: string;
  /** What it can enforce. What it does not list it never counts for. */
  readonly capabilities: readonly Dimension[];
  /** Nesting: lower is further out. Default 50. */
  readonly priority?: number;
  /** Proves by doing that it works here: one confined command that succeeds, one denied act that fails. */
  probe?(services: Services): Probe | Promise<Probe>;
  /** The argv that runs `argv` confined. Never a string: composing engines is concatenation. */
  wrap(
    argv: readonly string[],
    spec: SandboxSpec,
    context: WrapContext,
  ): readonly string[] | Promise<readonly string[]>;
  /** What looks at the result: usage, violations. */
  collector?(
    spec: SandboxSpec,
    context: WrapContext,
  ): Collector | undefined | Promise<Collector | undefined>;
}

/** Where an annotation is shown: with its event everywhere, in `assay inspect` only, or nowhere. */
export type Display = "inline" | "detail" | "hidden";

/** What an annotator adds to an event. */
export interface NewAnnotation {
  /** Category, such as `source_context` or `link`. */
  readonly type: string;
  /** Where it is shown. */
  readonly display: Display;
  /** What is shown, one line or several. Without it `data` is shown as `key: value`. */
  readonly text?: string;
  /** For programs. */
  readonly data?: JsonObject;
  /** Annotating the same event with the same key again replaces. Default: the type. */
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

/** What is known of the command whose events are annotated. */
export interface RunMetadata {
  /** Id of the runner or command. */
  readonly name: string;
  /** The gate it belongs to. */
  readonly kind: Kind;
  /** The shell line that was run. */
  readonly command: string;
  /** Relative to the root. */
  readonly cwd: string;
  /** ISO 8601 in UTC; `null` when it did not start. */
  readonly startedAt: string | null;
  /** What may be said of the command. */
  readonly verdict: Verdict;
  /** Why. */
  readonly reasons: readonly Reason[];
  /** The commit the run was made on. */
  readonly commit: string | null;
}

/** One command that has ended, its events, and everything before it. */
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
  /** `null` when a signal ended it or it did not start. */
  readonly exitCode: number | null;
  /** Milliseconds. */
  readonly durationMs: number;
  /** The tables of extensions, as configured. */
  readonly extensionData: Readonly<Record<string, ConfigTable>>;
  /** Its events in order, read when asked for; `problems`: failures and diagnostics alone. */
  events(filter?: { readonly problems?: boolean }): AsyncIterable<Event>;
  /** Stored records of this and earlier runs, never of plugins' data. */
  query(query: HistoryQuery): Promise<readonly JsonObject[]>;
  /** Annotates an event, by itself or its index; 0 is the attempt as a whole. */
  addAnnotation(event: Event | number, annotation: NewAnnotation): void;
}

/** Enriches stored events. */
export interface Annotator {
  /** Stands with each of its annotations. One annotator alone may have a name. */
  readonly name: string;
  /** One line for `assay plugin list`. */
  readonly description?: string;
  /** True: in every run. False: when asked for, by `assay inspect REF --full` or `assay annotate REF`. */
  readonly eager: boolean;
  /** Whether it has anything to say of this command. */
  shouldAnnotate(context: RunContext): boolean | Promise<boolean>;
  /** Looks at the events and adds annotations. */
  annotate(context: RunContext): void | Promise<void>;
}

/** Permissions by Deno's names: true is all, a list is only these. What is left out is denied. */
export interface PluginPermissions {
  /** Paths, relative to the project root or absolute. */
  readonly read?: boolean | readonly string[];
  /** Paths, relative to the project root or absolute. */
  readonly write?: boolean | readonly string[];
  /** Hosts with an optional port. */
  readonly net?: boolean | readonly string[];
  /** Names of variables. */
  readonly env?: boolean | readonly string[];
  /** Names or paths of programs. */
  readonly run?: boolean | readonly string[];
  /** Kinds of system information, such as `hostname`. */
  readonly sys?: boolean | readonly string[];
  /** Paths of native libraries. Native code knows no limits. */
  readonly ffi?: boolean | readonly string[];
}

/** What a plugin brings. */
export interface Plugin {
  /** Letters, digits, `_`, `.`, `-`. */
  readonly name: string;
  /** Shown to people. */
  readonly version?: string;
  /** One line for `assay plugin list`. */
  readonly description?: string;
  /** What it needs to do its work. It gets what the user grants. */
  readonly permissions?: PluginPermissions;
  /** Hooks into the way of a command. */
  readonly extensions?: readonly Extension[];
  /** Ways to confine a command. */
  readonly engines?: readonly SandboxEngine[];
  /** What enriches stored events. */
  readonly annotators?: readonly Annotator[];
  /** Readers of report formats. */
  readonly parsers?: readonly ReportParser[];
  /** Runners as `plugins.json` holds them. */
  readonly runners?: readonly Runner[];
}

/** Types a plugin's default export. */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin;
}

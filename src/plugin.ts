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

import type { Event, Frame, Kind, Reason, Severity, TestStatus, Verdict } from "./model.ts";

export type { Event, Frame, Kind, Reason, Severity, TestStatus, Verdict };

/** The result of one test. A test with several results in its report is reported once, the worst. */
export interface TestReportEvent {
  readonly kind: "test";
  readonly status: TestStatus;
  readonly name: string;
  readonly suite?: string;
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  readonly column?: number;
  readonly durationMs?: number;
  /** One line: the assertion's or exception's message. */
  readonly message?: string;
  /** The whole text: diff, stack trace, captured output. */
  readonly details?: string;
  readonly frames?: readonly Frame[];
  /** Passed in the end after it had failed. Only with status `passed`. */
  readonly flaky?: boolean;
}

/** What a linter, compiler or type checker says of a place. */
export interface DiagnosticReportEvent {
  readonly kind: "diagnostic";
  readonly severity: Severity;
  readonly message: string;
  readonly rule?: string;
  readonly tool?: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly endLine?: number;
  readonly endColumn?: number;
  readonly details?: string;
  readonly frames?: readonly Frame[];
}

/** An error outside any test: a module that did not import, a suite's set-up that failed. */
export interface SuiteErrorReportEvent {
  readonly kind: "suite_error";
  readonly message: string;
  readonly name?: string;
  readonly file?: string;
  readonly line?: number;
  readonly details?: string;
  readonly frames?: readonly Frame[];
}

/**
 * Counts the report claims for itself. They prove nothing, but where they contradict what was read
 * (failures claimed and none shown, more tests claimed than shown) the report does not pass.
 */
export interface DeclaredReportEvent {
  readonly kind: "declared";
  readonly tests?: number;
  readonly failed?: number;
  readonly errored?: number;
  readonly skipped?: number;
}

/**
 * The report cannot be read on. What was read so far stays as evidence; the verdict is unknown.
 * `malformed`: it is not what the format says. `truncated`: it ends before its end.
 */
export interface BrokenReportEvent {
  readonly kind: "broken";
  readonly reason: "malformed" | "truncated";
  readonly message: string;
  readonly line?: number;
  readonly column?: number;
}

/**
 * The report was read to its end. A parser yields this last and only then: a parser that stops
 * without it counts as truncated, so that forgetting it can never make a pass.
 */
export interface EndReportEvent {
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
  readonly id: string;
  readonly kind: Kind;
  readonly description?: string;
  /** Any one of these is enough. */
  readonly detect_file: Detect | readonly Detect[];
  readonly command: string;
  readonly result_file?: string;
  readonly result_format?: string;
  readonly timeout?: string | number;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly required?: boolean;
  readonly enabled?: boolean;
  readonly fail_on?: Severity;
  readonly allow_no_tests?: boolean;
  readonly inputs?: readonly string[];
  readonly lock?: string;
  readonly sandbox?: string | Readonly<Record<string, unknown>>;
}

/** Data that survives JSON. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

/** An object of {@linkcode Json}. */
export interface JsonObject {
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
  readonly stdout: OutputHandle;
  readonly stderr: OutputHandle;
  /** ISO 8601 in UTC. */
  readonly startedAt: string;
  readonly completedAt: string;
  readonly durationMs: number;
  /** Name of the signal that ended it, such as `SIGSEGV`. */
  readonly signal: string | null;
  readonly timedOut: boolean;
  readonly cancelled: boolean;
  /** Whether one of its streams was cut. */
  readonly truncated: boolean;
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
  readonly network?: "none" | "localhost" | "hosts" | "unrestricted";
  readonly hosts?: readonly string[];
  readonly filesystem?: "readonly" | "workspace_only" | "scoped_write" | "unrestricted";
  /** Absolute paths. */
  readonly paths_writable?: readonly string[];
  readonly paths_readable?: readonly string[];
  readonly paths_hidden?: readonly string[];
  readonly processes?: "isolated" | "visible";
  readonly pids?: number;
  readonly timeout?: number;
  readonly cpu?: number;
  readonly memory?: number;
  readonly tmpfs?: number;
}

/** What an engine may know of the command it wraps. */
export interface WrapContext extends Services {
  readonly attemptId: string;
  readonly commandName: string;
  /** The project root, an absolute path. */
  readonly workspace: string;
  readonly cwd: string;
  readonly liveDir: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Whether an engine works here, proved by doing and not by looking at version numbers. */
export interface Probe {
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
  readonly from: "runs" | "attempts" | "events";
  /**
   * Values that columns must have. `runs`: run_id, state, verb, recommendation, commit, branch, tree.
   * `attempts`: run_id, attempt_id, name, kind, state, verdict. `events`: run_id, attempt_id, attempt_name,
   * type, status, name, rule, file, identity, cluster.
   */
  readonly where?: Readonly<Record<string, string | number | null>>;
  /** Default `newest` first. */
  readonly order?: "newest" | "oldest";
  readonly limit?: number;
}

/** What is known of the command whose events are annotated. */
export interface RunMetadata {
  /** Id of the runner or command. */
  readonly name: string;
  readonly kind: Kind;
  readonly command: string;
  /** Relative to the root. */
  readonly cwd: string;
  readonly startedAt: string | null;
  readonly verdict: Verdict;
  readonly reasons: readonly Reason[];
  readonly commit: string | null;
}

/** One command that has ended, its events, and everything before it. */
export interface RunContext extends Services {
  readonly runId: string;
  readonly attemptId: string;
  /** Such as `test:12`. */
  readonly ref: string;
  /** The project root: file names of events are relative to it. */
  readonly sourceRoot: string;
  readonly metadata: RunMetadata;
  readonly exitCode: number | null;
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
  readonly name: string;
  /** One line for `assay plugin list`. */
  readonly description?: string;
  /** True: in every run. False: when asked for, by `assay inspect REF --full` or `assay annotate REF`. */
  readonly eager: boolean;
  /** Whether it has anything to say of this command. */
  shouldAnnotate(context: RunContext): boolean | Promise<boolean>;
  annotate(context: RunContext): void | Promise<void>;
}

/** Permissions by Deno's names: true is all, a list is only these. What is left out is denied. */
export interface PluginPermissions {
  /** Paths, relative to the project root or absolute. */
  readonly read?: boolean | readonly string[];
  readonly write?: boolean | readonly string[];
  /** Hosts with an optional port. */
  readonly net?: boolean | readonly string[];
  /** Names of variables. */
  readonly env?: boolean | readonly string[];
  /** Names or paths of programs. */
  readonly run?: boolean | readonly string[];
  readonly sys?: boolean | readonly string[];
  readonly ffi?: boolean | readonly string[];
}

/** What a plugin brings. */
export interface Plugin {
  /** Letters, digits, `_`, `.`, `-`. */
  readonly name: string;
  readonly version?: string;
  /** One line for `assay plugin list`. */
  readonly description?: string;
  /** What it needs to do its work. It gets what the user grants. */
  readonly permissions?: PluginPermissions;
  readonly extensions?: readonly Extension[];
  readonly engines?: readonly SandboxEngine[];
  readonly annotators?: readonly Annotator[];
  readonly parsers?: readonly ReportParser[];
  readonly runners?: readonly Runner[];
}

/** Types a plugin's default export. */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin;
}

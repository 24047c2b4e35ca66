/**
 * What the verbs print with `--json`, besides the {@linkcode Run} and the {@linkcode ParseResult}.
 * Optional keys are absent, never `undefined`; `null` means that there is none.
 *
 * @module
 */

import type {
  Annotation,
  AppliedExtension,
  Attempt,
  Diagnosis,
  Event,
  Grade,
  Kind,
  Recommendation,
  Run,
  SandboxFact,
  Severity,
} from "../model.ts";

/** `assay gate --json`: the run as it is judged now. */
export interface GateOutput extends Run {
  /** The computation of the confidence, line by line. */
  readonly arithmetic: readonly string[];
}

/** `assay diagnose --json`. */
export interface DiagnoseOutput {
  readonly run_id: string;
  readonly state: Run["state"];
  readonly recommendation: Recommendation;
  /** The most blocking first; each with what annotators say of its events for all to see. */
  readonly diagnoses: readonly Diagnosis[];
  /** The same of whole attempts. */
  readonly annotations: readonly Annotation[];
}

/** `assay inspect REF --json`. */
export interface InspectOutput {
  /** Of the event, or of the attempt when the reference named no event. */
  readonly ref: string;
  readonly run: Pick<
    Run,
    "run_id" | "verb" | "state" | "started_at" | "commit" | "branch" | "dirty" | "tree"
  >;
  readonly attempt: Attempt;
  /** `null`: the reference named an attempt. */
  readonly event: Event | null;
  /** The first problems of the attempt, at most 20; none when the reference named an event. */
  readonly problems: readonly Event[];
  /** Of the event, or of the attempt and all its events: those that are shown nowhere, too. */
  readonly annotations: readonly Annotation[];
  /** What went wrong, such as an annotator that failed. */
  readonly warnings: readonly string[];
}

/** `assay annotate REF --json`. */
export interface AnnotateOutput {
  readonly run_id: string;
  readonly attempts: readonly {
    /** Such as `test:12`. */
    readonly ref: string;
    /** In the order they ran. */
    readonly annotators: readonly AnnotatorResult[];
  }[];
  /** What went wrong, such as an annotator that failed. */
  readonly warnings: readonly string[];
}

/** What one annotator did with one attempt. */
export interface AnnotatorResult {
  readonly annotator: string;
  /** How many annotations it wrote. */
  readonly written: number;
  /** How many of an earlier call it did not write again, and were removed. */
  readonly removed: number;
  /** It threw or ran out of time: what it had said by then is kept. */
  readonly failed: boolean;
}

/** `assay hook install|uninstall|status --json`. */
export interface HookOutput {
  /** Where git looks for hooks; absolute. */
  readonly folder: string;
  readonly hooks: readonly {
    readonly hook: "pre-commit" | "pre-push";
    /** Absolute. */
    readonly file: string;
    /** As it is now: `edited` is assay's, changed by hand; `other` is not assay's. */
    readonly state: "none" | "ours" | "edited" | "other";
    /** Another hook was there before, is kept beside it, and runs first. */
    readonly chained: boolean;
    /** What was done; absent: nothing was asked for. */
    readonly action?: "installed" | "updated" | "unchanged" | "removed" | "absent";
  }[];
  /** What will keep an installed hook from passing. */
  readonly warnings: readonly string[];
}

/** `assay hook restore --json`. */
export interface HookRestoreOutput {
  /** How many paths were set aside and are back. */
  readonly restored: number;
}

/** `assay history --json`. */
export interface HistoryOutput {
  /** Newest first. What is said here of one that is unreadable is what the index remembers. */
  readonly runs: readonly Run[];
  /** Runs that judged a change and whose folder cannot be read any more. */
  readonly unreadable: readonly { readonly run_id: string; readonly problem: string }[];
}

/** The dialect a definition was written in. */
export type Dialect = "runners" | "plugins" | "commands";

/** One runner of `assay plugin list`. */
export interface RunnerListing {
  readonly id: string;
  readonly kind: Kind;
  readonly detected: boolean;
  /** The evidence. */
  readonly why: string;
  readonly enabled: boolean;
  readonly required: boolean;
  readonly command: string;
  readonly result_format: string;
  readonly plugin: string;
  readonly file: string;
  readonly line: number | null;
  readonly dialect: Dialect;
}

/** What a plugin is granted or asks for, by Deno's names; what is left out is nothing. */
export type PermissionRecord = Readonly<
  Partial<
    Record<"read" | "write" | "net" | "env" | "run" | "sys" | "ffi", boolean | readonly string[]>
  >
>;

/** A plugin that is a module. */
export interface ModulePluginRecord {
  /** Its address where its name is not known. */
  readonly name: string;
  readonly version: string | null;
  readonly description: string | null;
  /** As configured. */
  readonly url: string;
  readonly isolation: "worker" | "none";
  /**
   * `loaded`; else what is shown was recorded in the lock when it was loaded last, and the word says whether a
   * verb that loads would.
   */
  readonly state: "loaded" | "trusted" | "not_trusted" | "trust_not_needed";
  /** What it brings, by name; a parser's is its format, a runner's its id. `null`: it was never loaded. */
  readonly brings: {
    /** By the key of their table. */
    readonly extensions: readonly { readonly name: string; readonly key: string }[];
    readonly engines: readonly string[];
    /** Eager ones work in every run, others when they are asked. */
    readonly annotators: readonly { readonly name: string; readonly eager: boolean }[];
    readonly parsers: readonly string[];
    readonly runners: readonly string[];
  } | null;
  /** `null`: it was not loaded, and no lock says. */
  readonly modules: {
    readonly count: number;
    readonly bytes: number;
    /** Where they came from; empty when all are files of the project. */
    readonly hosts: readonly string[];
  } | null;
  readonly permissions: {
    readonly asked: PermissionRecord;
    readonly granted: PermissionRecord;
    /** What it asks for and is not granted. */
    readonly missing: PermissionRecord;
  };
}

/** `assay trust --json`. */
export interface TrustOutput {
  readonly root: string;
  /** Where it is remembered. */
  readonly file: string;
  /** `not_needed`: no plugin is granted anything or runs outside of a worker. */
  readonly state: "trusted" | "not_trusted" | "not_needed";
  /** What is other than what was trusted; empty where nothing was. */
  readonly changes: readonly string[];
  /** SHA-256 of all that is trusted, for `--trust` and `ASSAY_TRUST`. */
  readonly digest: string;
  readonly plugins: readonly {
    /** As configured. */
    readonly url: string;
    readonly isolation: "worker" | "none";
    readonly permissions: PermissionRecord;
    /** The files of this machine that it is made of, by their path below the root. */
    readonly files: readonly { readonly url: string; readonly sha256: string }[];
    /** What the lock pins; `null`: it is not in the lock yet. */
    readonly pinned: readonly { readonly url: string; readonly sha256: string }[] | null;
    /** Why its files cannot be read, so that nothing here can be trusted; `null`: they were read. */
    readonly problem: string | null;
  }[];
}

/** `assay plugin add --json`. */
export interface PluginAddOutput {
  readonly root: string;
  readonly plugin: ModulePluginRecord;
  /** The command that grants all it asks for; `null` when it is granted that. */
  readonly grant: string | null;
  /** Files written, relative to the root. */
  readonly files: readonly string[];
}

/** `assay plugin remove --json`. */
export interface PluginRemoveOutput {
  readonly root: string;
  readonly url: string;
  /** As the lock knew it. */
  readonly name: string | null;
  /** Files written, relative to the root. */
  readonly files: readonly string[];
}

/** One module of {@linkcode PluginUpdate}. */
export interface ModuleVersion {
  readonly sha256: string;
  readonly bytes: number;
}

/** What `assay plugin update` found of one plugin. */
export interface PluginUpdate {
  readonly plugin: ModulePluginRecord;
  /** Whether anything below says something. */
  readonly changed: boolean;
  /** Name before; `null`: the same, or not locked before. */
  readonly name_before: string | null;
  /** Version before; `null`: the same, none, or not locked before. */
  readonly version_before: string | null;
  /** Modules that are not what they were; `null`: not there. */
  readonly modules: readonly {
    readonly url: string;
    readonly before: ModuleVersion | null;
    readonly after: ModuleVersion | null;
  }[];
  /** Addresses that lead elsewhere now. */
  readonly redirects: readonly {
    readonly url: string;
    readonly before: string | null;
    readonly after: string | null;
  }[];
  /** Where it ran before, when that is other. */
  readonly isolation_before: "worker" | "none" | null;
  /** What was granted before, when that is other. */
  readonly granted_before: PermissionRecord | null;
  /** Lines such as `extension greeting`. */
  readonly brings_now: readonly string[];
  readonly brings_no_more: readonly string[];
}

/** `assay plugin update --json`. */
export interface PluginUpdateOutput {
  readonly root: string;
  readonly plugins: readonly PluginUpdate[];
  /** Files written, relative to the root. */
  readonly files: readonly string[];
}

/** `assay plugin list --json`, and of `assay plugin check`. */
export interface PluginOutput {
  readonly root: string;
  /** Plugins that are modules. */
  readonly modules: readonly ModulePluginRecord[];
  readonly plugins: readonly {
    readonly name: string;
    readonly version?: string;
    readonly file: string;
    readonly dialect: "runners" | "plugins" | "built-in";
    /** Ids. */
    readonly runners: readonly string[];
  }[];
  readonly runners: readonly RunnerListing[];
  readonly commands: readonly {
    readonly id: string;
    readonly kind: Kind;
    readonly description: string | null;
    readonly command: string;
    readonly file: string;
  }[];
  /** Definitions that were replaced or switched off. */
  readonly dropped: readonly {
    readonly id: string;
    readonly file: string;
    readonly why: string;
  }[];
}

/** `assay explain NAME --json`. */
export interface ExplainOutput {
  readonly id: string;
  readonly kind: Kind;
  readonly source: "runner" | "command";
  readonly description: string | null;
  /** The shell line with its placeholders. */
  readonly command: string;
  readonly cwd: string;
  /** The tables of extensions, as configured. */
  readonly extension_data: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** The command as a run would execute it; ids of run and attempt are made up. */
  readonly prepared: {
    /** The shell line, the last word of `argv`. */
    readonly command: string;
    readonly argv: readonly string[];
    readonly cwd: string;
    readonly timeout_ms: number;
    /** What each extension changed, in their order. */
    readonly extensions: readonly AppliedExtension[];
    /** Why it could not be prepared: a run would not execute it. */
    readonly failed: string | null;
    readonly warnings: readonly string[];
  };
  readonly timeout_ms: number;
  readonly result_file: string | null;
  readonly result_format: string;
  readonly fail_on: Severity;
  readonly required: boolean;
  readonly allow_no_tests: boolean;
  /** `null`: it has no globs in `files`. */
  readonly files: {
    readonly globs: readonly string[];
    /** How many files `{{files}}` stands for, and in how many lines; `null`: it is not used. */
    readonly matching: number | null;
    readonly batches: number | null;
  } | null;
  readonly lock: string | null;
  readonly sandbox: {
    readonly preset?: string;
    readonly on_uncovered: "warn" | "fail";
    readonly declared: Readonly<Record<string, string>>;
  } | null;
  /** `null` for a command, which is run by name. */
  readonly detected: boolean | null;
  readonly why: string;
  readonly origin: {
    readonly plugin: string;
    readonly file: string;
    readonly line: number | null;
    readonly dialect: Dialect;
  };
}

/** One thing `assay doctor` looked at. */
export interface DoctorCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly found: string;
  /** What to do about it. */
  readonly hint?: string;
  /** assay can do its work without it. */
  readonly optional?: boolean;
}

/** `assay doctor --json`. */
export interface DoctorOutput {
  readonly ok: boolean;
  readonly root: string;
  readonly checks: readonly DoctorCheck[];
}

/** What one engine gives of one thing a sandbox can ask for. */
export interface EngineGuarantee {
  /** The key it is asked by. */
  readonly dimension: string;
  /** Its value; `null` where any value is the same in kind. */
  readonly value: string | null;
  /**
   * `given`; `in_part`: with less than the word says; `missing`: not here, or not for this value;
   * `not_offered`: not what the engine is for.
   */
  readonly standing: "given" | "in_part" | "missing" | "not_offered";
  /** What is left out, or why it is missing. */
  readonly why: string | null;
}

/** One engine of `assay sandbox doctor`. */
export interface EngineRecord {
  readonly name: string;
  /** `built-in`, or the address of the plugin that brings it. */
  readonly source: string;
  /** Nesting: lower is further out. */
  readonly priority: number;
  readonly capabilities: readonly string[];
  readonly works: boolean;
  /** What its probe tried and what happened. */
  readonly detail: string;
  readonly guarantees: readonly EngineGuarantee[];
  /** How to get it where it does not work; `null`: it does not say. */
  readonly obtain: string | null;
}

/** `assay sandbox doctor --json`. */
export interface SandboxDoctorOutput {
  readonly root: string;
  /** From the outermost in. */
  readonly engines: readonly EngineRecord[];
  /** What engines say besides. */
  readonly warnings: readonly string[];
}

/** `assay sandbox explain NAME --json`. */
export interface SandboxExplainOutput {
  readonly id: string;
  readonly kind: Kind;
  readonly source: "runner" | "command";
  /** What the sandbox starts from; `null`: no preset, or no sandbox. */
  readonly preset: string | null;
  /** What becomes of a command of which something is not enforced; `null`: no sandbox is declared. */
  readonly on_uncovered: "warn" | "fail" | null;
  /** Each dimension that is declared. */
  readonly dimensions: readonly SandboxFact[];
  /** `null`: no sandbox is declared, or it could not be prepared. */
  readonly grade: Grade | null;
  /** From the outermost in. */
  readonly engines: readonly {
    readonly name: string;
    readonly priority: number;
    /** The dimensions that it enforces, alone or with others. */
    readonly holds: readonly string[];
  }[];
  /** Engines that were asked and not taken, and why. */
  readonly refused: readonly { readonly engine: string; readonly why: string }[];
  /** Why a run would not execute it; `null`: it would. */
  readonly failed: string | null;
  /** Relative to the root. */
  readonly cwd: string;
  /** Exactly what is executed; ids of run and attempt are made up. */
  readonly argv: readonly string[];
  /** What assay writes for the engines before it starts; absolute paths. */
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
  readonly warnings: readonly string[];
}

/** One error of the user's input. */
export interface ErrorRecord {
  /** Stable, such as `config_invalid`. */
  readonly code: string;
  readonly message: string;
  /** What to do. */
  readonly hint?: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** Dotted path of the key. */
  readonly key?: string;
}

/** What stands on standard error when a verb with `--json` ends with exit code 2 or 70. */
export interface ErrorOutput {
  readonly error: ErrorRecord & {
    /** Each one, when there are several; the record above then tells of all. */
    readonly errors?: readonly ErrorRecord[];
  };
}

/** Names of the outputs that have a schema. */
export const outputSchemaNames = [
  "run",
  "gate",
  "parse",
  "diagnose",
  "inspect",
  "annotate",
  "history",
  "hook",
  "hook-restore",
  "plugin-list",
  "plugin-add",
  "plugin-remove",
  "plugin-update",
  "trust",
  "explain",
  "doctor",
  "sandbox-doctor",
  "sandbox-explain",
  "error",
] as const;

/** One of {@linkcode outputSchemaNames}. `run` is of verify, run, exec, hook run and report, and of `run.json`. */
export type OutputSchemaName = (typeof outputSchemaNames)[number];

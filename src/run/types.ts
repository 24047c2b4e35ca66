/** What the stages of the pipeline pass to each other. */

import type { CommandDef, Project, SandboxSetting } from "../config/types.ts";
import type { Io } from "../io.ts";
import type { Lineage } from "../git/lineage.ts";
import type { WorkMarks } from "../git/work_marks.ts";
import type { AppliedExtension, Grade, Run, SandboxFact, Untested } from "../model.ts";
import type {
  Collector,
  CommandSpec,
  EngineHost,
  Extension,
  Probe,
  SandboxEngine,
  SandboxSpec,
  WrapContext,
} from "../plugin.ts";
import type { Knowledge } from "../sandbox/coverage.ts";
import type { RunWriter, Store } from "../store/types.ts";
import type { Emit, RunListener } from "./events.ts";
import type { Plan } from "./plan.ts";
import type { LoadedPlugin, Owned, Plugins } from "./plugins.ts";

/** What a verb wants run. */
export interface RunRequest {
  readonly verb: "verify" | "run" | "hook";
  readonly plan: Plan;
  readonly jobs: number;
  /** Stop at the first required command that does not pass. */
  readonly failFast: boolean;
  /** Aborted by a signal: stop everything and record it. */
  readonly signal: AbortSignal;
  readonly listener?: RunListener;
}

/** Where the run happens. */
export interface PipelineContext {
  readonly io: Io;
  readonly project: Project;
  readonly store: Store;
  /** Commit, branch and tree before the first command starts. */
  readonly lineage: Lineage & Pick<Run, "definitions">;
  /** The state of the working tree then; absent where git cannot tell. */
  readonly marks?: WorkMarks;
  /** Submodules in which something else lies than what is tested, by their path from the repository's top. */
  readonly mismatched?: readonly string[];
  /** Problems found before anything ran, for people. */
  readonly warnings: readonly string[];
  /** What a hook set aside. */
  readonly untested?: readonly Untested[];
  readonly plugins: Plugins;
  readonly version: string;
}

/** Shared by all attempts of a run. */
export interface AttemptContext {
  readonly io: Io;
  readonly project: Project;
  readonly runId: string;
  /** The run's record before its first attempt. */
  readonly run: Run;
  readonly store: Store;
  readonly writer: RunWriter;
  readonly plugins: Plugins;
  readonly mismatched: readonly string[];
  readonly probes: Probes;
  readonly signal: AbortSignal;
  /** Reports that more than one command of the run writes, one after the other: real paths. */
  readonly sharedReports: ReadonlySet<string>;
  readonly emit: Emit;
}

/** What preparing a command needs. Nothing is written: `writer` is only asked for the run's folder. */
export type PrepareContext =
  & Pick<AttemptContext, "io" | "project" | "plugins" | "probes" | "runId" | "signal">
  & { readonly writer: Pick<AttemptContext["writer"], "dir"> };

/** A command made ready: placeholders filled, paths absolute, extensions done. */
export interface Prepared extends Extended {
  readonly def: CommandDef;
  readonly argv: readonly string[];
  /** The environment of the first program of the argv; the command's own is in `spec`. */
  readonly env: Readonly<Record<string, string>>;
  /** A file that exists once the command was started inside its sandbox. */
  readonly startMark?: string;
  /** The attempt's folder in the run's. */
  readonly dir: string;
  readonly stdoutFile: string;
  readonly stderrFile: string;
  readonly resultFile: string | undefined;
  readonly places: Places;
  /** How it is sandboxed; `undefined` when it declares no sandbox. */
  readonly sandboxed: Sandboxed | undefined;
  /** Takes what plugins say for people, in every stage. */
  readonly say: (message: string) => void;
  /** What they said so far. */
  readonly said: readonly string[];
}

/** A collector and who registered it. */
export interface Registered {
  readonly owner: LoadedPlugin;
  /** The part of the plugin, for people: `extension "timestamp"`. */
  readonly part: string;
  readonly collector: Collector;
}

/** A command as its extensions left it. */
export interface Extended {
  readonly spec: SpecData;
  /** Those that prepared it, in their order, and what each changed. */
  readonly applied: readonly AppliedExtension[];
  readonly extensions: readonly Owned<Extension>[];
  /** In the order in which they were registered. */
  readonly collectors: readonly Registered[];
  /** Why it could not be prepared: then nothing of it may be executed. */
  readonly failed?: string | undefined;
}

/** What a sandbox is made for. */
export interface Confinement {
  readonly setting: SandboxSetting;
  /** The declared sandbox, its paths resolved. */
  readonly spec: SandboxSpec;
  readonly engines: readonly Owned<SandboxEngine>[];
  readonly probes: Probes;
  readonly host: CallHost;
  /** What engines are given, except what the pipeline adds. */
  readonly context: Omit<WrapContext, keyof EngineHost | "facts">;
}

/** An engine that wrapped the command. */
export interface AppliedEngine {
  readonly name: string;
  /** The part of the sandbox it was given. */
  readonly spec: SandboxSpec;
  readonly priority: number;
}

/** A command confined to its sandbox, as far as engines could. */
export interface Sandboxed {
  readonly argv: readonly string[];
  /** One for each declared dimension. */
  readonly facts: readonly SandboxFact[];
  readonly grade: Grade;
  /** What is enforced. */
  readonly enforced: SandboxSpec;
  /** From the outermost inwards. */
  readonly engines: readonly AppliedEngine[];
  /** Every engine that was asked, and what it said. */
  readonly asked: readonly Asked[];
  /** Files the argv needs, by their absolute path. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  readonly collectors: readonly Registered[];
}

/** Asks engines whether they work here. */
export interface Probes {
  /** What every engine is given about the machine. */
  readonly machine: Pick<EngineHost, "os" | "arch" | "self">;
  /** Never rejects: an engine whose probe fails does not work. */
  of(engine: Owned<SandboxEngine>, host: CallHost): Promise<Probe>;
}

/** Where an attempt keeps what is not evidence. Nothing exists until it is created. */
export interface Places {
  /** Only for assay and its engines: outside what a sandboxed command may write. */
  readonly filesDir: string;
  /** For the launcher, in the run's folder, while the command runs. */
  readonly usageFile: string;
  /** The command's own folder for temporary files. */
  readonly tmpDir: string;
  /** For what the command leaves behind. */
  readonly liveDir: string;
  /** The report, where a sandbox lets it be written though nothing next to it may be. */
  readonly resultFile?: string;
  /** Folders of the project that the sandbox lets it write and that are not there yet. */
  readonly folders: readonly string[];
  /** The environment variables that name them. */
  readonly env: Readonly<Record<string, string>>;
}

/** Shared by the calls of one attempt. */
export interface CallHost {
  readonly io: Io;
  readonly root: string;
  /** Time limit of one call, in milliseconds. */
  readonly timeoutMs: number;
  /** Aborts a call early. */
  readonly signal?: AbortSignal | undefined;
  /** Takes a plugin's messages for people. */
  readonly warn: (message: string) => void;
}

/** A command in plain data: everything but the collectors, which never leave their extension. */
export type SpecData = Readonly<Omit<CommandSpec, "collectors">>;

/** An engine that was asked, and what it said. */
export interface Asked {
  readonly engine: Owned<SandboxEngine>;
  readonly knowledge: Knowledge;
}

/** What a verb is, and what it is called with. */

import type { BuiltinRunners, LoadOptions, Project } from "../config/types.ts";
import type { ExitCode } from "../errors.ts";
import type { Io, PermissionName } from "../io.ts";
import type { LoadedModule, LoadedModules, LoadMode } from "../modules/mod.ts";
import type { Plugins } from "../run/mod.ts";
import type { LockedPlugin, ModuleSettings, PluginSetting } from "../plugin_setting.ts";
import type { Annotator, Extension, ReportParser, SandboxEngine } from "../plugin.ts";
import type { ModulePluginRecord } from "../schema/plugins.ts";

/** Names that depend on the project or the program: the hidden verb `__complete` lists them. */
export type Named =
  | "annotator"
  | "command"
  | "format"
  | "parameter"
  | "plugin"
  | "reference"
  | "result-format"
  | "run"
  | "runner"
  | "schema"
  | "topic";

/**
 * What a word of the command line is, for shells that complete it: one of these words, a name, a file, a program
 * with its own arguments, NAME or `NAME=VALUE`, a whole number from 1, or free text (`text`).
 * Listed words, and numbers, are checked before the verb is called.
 */
export type Takes =
  | readonly string[]
  | Named
  | "file"
  | "folder"
  | "program"
  | "number"
  | "text"
  | { readonly name: readonly string[]; readonly value: "file" };

export interface Arguments {
  /** In order: all must be given, unless they are `optional`. */
  readonly takes?: readonly Takes[];
  readonly optional?: boolean;
  /** Every argument after those. */
  readonly more?: Takes;
  /** What comes after `--`; a `program` is given instead of the arguments. Absent: just more arguments. */
  readonly rest?: "program" | "text";
}

export interface Part extends Arguments {
  readonly name: string;
  /** What follows its name in the usage. */
  readonly usage?: string;
  readonly text: string;
  readonly load: () => Promise<VerbModule>;
}

export interface Flag {
  readonly name: string;
  /**
   * A `list` may be given several times. So may an `optional` one, whose value may be left out: `--name=VALUE` and
   * `--name`, which gives {@linkcode everything}; what follows it is never its value.
   */
  readonly type: "boolean" | "string" | "list" | "optional";
  readonly value?: string;
  /** The kind of its value, for every flag that has one. */
  readonly takes?: Takes;
  readonly text: string;
  /** The parts of the verb that take it; absent: all. */
  readonly parts?: readonly string[];
}

/** The value of an `optional` flag that is given without one. No argument can equal it. */
export const everything = "\0";

/** What a plugin can be granted, by Deno's names. */
export const permissionNames = ["read", "write", "net", "env", "run", "sys", "ffi"] as const;

export interface Verb extends Arguments {
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
  readonly flags: readonly Flag[];
  /** What its first argument names, where it is several verbs in one. */
  readonly parts?: readonly Part[];
  /** The default part. */
  readonly part?: string;
  /** Exit codes other than those that every verb may end with. */
  readonly exits?: readonly (1 | 3)[];
  readonly topic?: string;
  /** A command line and what it does. */
  readonly examples: readonly (readonly [string, string])[];
  /** The permissions it may use; the others are dropped before it reads any user data. */
  readonly needs: readonly PermissionName[];
  /**
   * Its calls load module plugins, which takes more permissions: every call, or those whose part or whose flag
   * (`--annotate`) is one of these. All others only look, and cannot run project code.
   */
  readonly loads?: true | readonly string[];
  /** Absent where each part has a file of its own. */
  readonly load?: () => Promise<VerbModule>;
}

export interface VerbModule {
  run(call: Call): Promise<ExitCode>;
}

export interface Builtins {
  readonly version: string;
  readonly parsers: readonly ReportParser[];
  readonly extensions: readonly Extension[];
  readonly engines: readonly SandboxEngine[];
  readonly annotators: readonly Annotator[];
  readonly runners: readonly BuiltinRunners[];
  /** JSON Schemas of assay's own report formats, by format. */
  readonly reportSchemas: Readonly<Record<string, () => Promise<unknown>>>;
}

/** `exit-code` and the formats whose reports can prove something: the choices of a runner or a command. */
export function resultFormats(parsers: readonly ReportParser[]): readonly string[] {
  const proving = parsers.filter(({ holds }) => holds !== "nothing");
  return ["exit-code", ...proving.map(({ format }) => format)];
}

/** What configuration is checked against where the tables of extensions are taken as they are. */
export function looseOptions(builtins: Builtins): LoadOptions {
  const keys = builtins.extensions.map(({ configKey, name }) => [configKey, name] as const);
  return {
    builtins: builtins.runners,
    knownFormats: resultFormats(builtins.parsers),
    engines: builtins.engines.map(({ name }) => name),
    extensions: {
      keys: keys.map(([key]) => key),
      names: Object.fromEntries(keys),
      validate: () => Promise.resolve([]),
    },
  };
}

export interface Call {
  readonly io: Io;
  readonly verb: Verb;
  /** The table that contains it. */
  readonly verbs: readonly Verb[];
  readonly builtins: Builtins;
  readonly part?: string;
  /** Arguments that are not flags, without the part: as many as the table of verbs says. */
  readonly args: readonly string[];
  /** Arguments after `--`, in a verb that distinguishes them from those before it. */
  readonly rest: readonly string[];
  readonly json: boolean;
  readonly color: boolean;
  readonly columns: number;
  flag(name: string): boolean;
  value(name: string): string | undefined;
  list(name: string): readonly string[];
  /** Loads module plugins, once the user has consented. Absent in a call that only looks. */
  readonly loadModules?: LoadModules;
  /** Registers something to do when the verb ends, however it ends. */
  atEnd(act: () => void): void;
  /** For a verb that only reads: what to do, once, when the index turns out to be damaged; then it runs again. */
  mend(act: () => Promise<unknown>): void;
}

export interface ConsentedMode extends LoadMode {
  /**
   * The user asked for exactly these, by `plugin add` or `update`: what was loaded is trusted once it is locked.
   * Without it nothing is loaded that needs trust and has none.
   */
  readonly isAsked?: boolean;
}

export type LoadModules = (
  root: string,
  plugins: readonly PluginSetting[],
  settings: ModuleSettings,
  mode: ConsentedMode,
) => Promise<LoadedModules>;

export interface UnloadedModule {
  readonly setting: PluginSetting;
  readonly state: Exclude<ModulePluginRecord["state"], "loaded">;
  /** Its entry in the lock; absent: it was never loaded. */
  readonly locked?: LockedPlugin;
}

/** A checked project, and everything its plugins provide. */
export interface OpenedProject {
  readonly project: Project;
  readonly plugins: Plugins;
  readonly modules: readonly LoadedModule[];
  /** In a call that only looks: what is known about those it did not load. */
  readonly unloaded: readonly UnloadedModule[];
  /** Opening it changed the lock, a file of the project. */
  readonly wroteLock: boolean;
}

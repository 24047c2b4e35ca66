/** What a verb is, and what it is called with. */

import type { BuiltinRunners, Project } from "../config/types.ts";
import type { ExitCode } from "../errors.ts";
import type { Io, PermissionName } from "../io.ts";
import type { LoadedModule, LoadedModules, LoadMode } from "../modules/mod.ts";
import type { Plugins } from "../run/mod.ts";
import type { LockedPlugin, ModuleSettings, PluginSetting } from "../plugin_setting.ts";
import type { Annotator, Extension, ReportParser, SandboxEngine } from "../plugin.ts";
import type { ModulePluginRecord } from "../schema/plugins.ts";

/** Names that only the project or the program knows: the hidden verb `__complete` lists them. */
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
 * with its own arguments, NAME or `NAME=VALUE`, or nothing that anybody could list (`text`).
 */
export type Takes =
  | readonly string[]
  | Named
  | "file"
  | "folder"
  | "program"
  | "text"
  | { readonly name: readonly string[]; readonly value: "file" };

/** What stands after a verb or a part of it. */
export interface Arguments {
  /** One after the other. */
  readonly takes?: readonly Takes[];
  /** Every one after those. */
  readonly more?: Takes;
}

/** One part of a verb, such as `add` of `assay plugin`. */
export interface Part extends Arguments {
  readonly name: string;
  /** What stands after its name in the usage. */
  readonly usage?: string;
  readonly text: string;
  /** Options of the verb that mean nothing to it. */
  readonly without?: readonly string[];
}

/** One option of a verb. */
export interface Flag {
  readonly name: string;
  /**
   * A `list` may be given several times. So may an `optional`, whose value may be left out: `--name=VALUE` and
   * `--name`, which gives {@linkcode everything}; what follows it is never its value.
   */
  readonly type: "boolean" | "string" | "list" | "optional";
  /** What its value is called in the usage. */
  readonly value?: string;
  /** What its value is; every flag that has one says so. */
  readonly takes?: Takes;
  readonly text: string;
}

/** The value of an `optional` flag that is given without one. No argument can be that. */
export const everything = "\0";

/** One row of the table of verbs. */
export interface Verb extends Arguments {
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
  readonly flags: readonly Flag[];
  /** Its first argument, where it is one of several verbs in one. */
  readonly parts?: readonly Part[];
  /** What stands after `--`. */
  readonly rest?: "program";
  /** Exit codes besides those that every verb may end with. */
  readonly exits?: readonly (1 | 3)[];
  /** The topic of the help that belongs to it. */
  readonly topic?: string;
  /** A command line and what it does. */
  readonly examples: readonly (readonly [string, string])[];
  /** The permissions it may use; the others are given up before it reads anything of the user's. */
  readonly needs: readonly PermissionName[];
  /**
   * Its calls load module plugins, which takes more permissions: every call, or those whose first word or whose
   * flag (`--full`) is one of these. All others only look, and have no way to run code of the project.
   */
  readonly loads?: true | readonly string[];
  readonly load: () => VerbModule | Promise<VerbModule>;
}

/** The file of a verb. */
export interface VerbModule {
  run(call: Call): Promise<ExitCode>;
}

/** What assay is made with: the composition root hands it down. */
export interface Builtins {
  readonly version: string;
  readonly parsers: readonly ReportParser[];
  readonly extensions: readonly Extension[];
  readonly engines: readonly SandboxEngine[];
  readonly annotators: readonly Annotator[];
  readonly runners: readonly BuiltinRunners[];
  /** JSON Schemas of report formats of assay's own, by format. */
  readonly reportSchemas: Readonly<Record<string, () => Promise<unknown>>>;
}

/** One call of a verb, its arguments checked. */
export interface Call {
  readonly io: Io;
  readonly verb: Verb;
  /** The table it is a row of. */
  readonly verbs: readonly Verb[];
  readonly builtins: Builtins;
  /** Arguments that are no flags. */
  readonly args: readonly string[];
  /** Arguments after `--`. */
  readonly rest: readonly string[];
  readonly json: boolean;
  readonly color: boolean;
  readonly columns: number;
  flag(name: string): boolean;
  value(name: string): string | undefined;
  list(name: string): readonly string[];
  /** Loads module plugins, once the user's consent is there. A call that only looks has none. */
  readonly loadModules?: LoadModules;
  /** Has something done when the verb ended, however it did. */
  atEnd(act: () => void): void;
}

/** The flag every verb that works on a project takes. */
export const rootFlag: Flag = {
  name: "root",
  type: "string",
  value: "DIR",
  takes: "folder",
  text: "the project (default: the nearest folder above with .assay/ or .git)",
};

/** Without a terminal: the consent to load plugins. */
export const trustFlag: Flag = {
  name: "trust",
  type: "string",
  value: "DIGEST",
  takes: "text",
  text:
    "trust the plugins if they are what assay trust --show gave this digest of (or ASSAY_TRUST)",
};

/** The flags every verb that loads plugins takes: how those that are modules are got. */
export const moduleFlags: readonly Flag[] = [
  {
    name: "frozen",
    type: "boolean",
    text: "refuse plugin modules that .assay/lock.json does not pin (also where CI is set)",
  },
  { name: "cached-only", type: "boolean", text: "fetch no plugin module" },
  {
    name: "reload",
    type: "boolean",
    text: "fetch plugin modules again; what changed is refused",
  },
  trustFlag,
];

/** How plugins are loaded. */
export interface ConsentedMode extends LoadMode {
  /**
   * The user asked for just these, by `plugin add` or `update`: what was loaded is trusted once it is locked.
   * Without it nothing is loaded that needs trust and has none.
   */
  readonly isAsked?: boolean;
}

/** Loads module plugins. */
export type LoadModules = (
  root: string,
  plugins: readonly PluginSetting[],
  settings: ModuleSettings,
  mode: ConsentedMode,
) => Promise<LoadedModules>;

/** A plugin that was not loaded. */
export interface UnloadedModule {
  readonly setting: PluginSetting;
  readonly state: Exclude<ModulePluginRecord["state"], "loaded">;
  /** What the lock says of it; absent: it was never loaded. */
  readonly locked?: LockedPlugin;
}

/** A project, checked, and everything its plugins bring. */
export interface OpenedProject {
  readonly project: Project;
  readonly plugins: Plugins;
  readonly modules: readonly LoadedModule[];
  /** In a call that only looks: what is known of those that it did not load. */
  readonly unloaded: readonly UnloadedModule[];
  /** Opening it changed the lock, a file of the project. */
  readonly wroteLock: boolean;
}

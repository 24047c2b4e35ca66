/** The user's configuration as the rest of assay sees it: checked, merged, with its origin. */

import type { GateRules, Kind, Severity } from "../model.ts";
import type { ConfigTable, Detect, Runner, SandboxSpec } from "../plugin.ts";
import type { ModuleSettings, PluginSetting } from "../plugin_setting.ts";

/** Where a definition was written, for messages and `assay plugin list`. */
export interface Origin {
  /** Relative to the root, or `built-in`. */
  readonly file: string;
  readonly line?: number;
  readonly plugin: string;
  readonly dialect: "runners" | "plugins" | "commands";
}

/** One thing that can be run: a runner and a command of `commands.toml` both become this. */
export interface CommandDef {
  readonly id: string;
  readonly kind: Kind;
  readonly source: "runner" | "command";
  readonly description?: string;
  /** Shell line with placeholders; for a template also with `{name}` parameters. */
  readonly command: string;
  /** Present when `command` is a template: default values of its parameters. */
  readonly defaults?: Readonly<Record<string, string>>;
  /** Empty for commands, which are run by name, and for runners that always apply. */
  readonly detect: readonly Detect[];
  /** As configured: relative to the root, may hold placeholders. */
  readonly resultFile?: string;
  /** `exit-code` when none was given. */
  readonly resultFormat: string;
  /** `exit-code` was written explicitly: the user states that there is nothing but the exit code. */
  readonly declaresExitCode?: boolean;
  /** No kind was written: it affects no gate. */
  readonly hasNoKind?: boolean;
  /** A runner as it was written in dialect "runners", without the tables of extensions. */
  readonly written?: Runner;
  readonly timeoutMs: number;
  /** Relative to the root. */
  readonly cwd: string;
  readonly required: boolean;
  readonly enabled: boolean;
  readonly failOn: Severity;
  readonly allowNoTests: boolean;
  readonly inputs: readonly string[];
  /** Globs of the files it is about; see `chooseFiles`. */
  readonly files?: readonly string[];
  /** What `{{files}}` stands for in this run, relative to the root; set when a run is planned. */
  readonly chosen?: readonly string[];
  /** Only changed files, not all: a tool that looks at none of them was not needed. */
  readonly isNarrowed?: boolean;
  /** Which part of the files this is, if they do not fit one command line. */
  readonly batch?: { readonly number: number; readonly of: number };
  readonly lock?: string;
  readonly sandbox?: SandboxSetting;
  /** Variables whose values are kept with the attempt. */
  readonly captureEnv: readonly string[];
  /** Patterns of events to ignore; they still count. */
  readonly suppress?: readonly string[];
  /** Tables for extensions, by configuration key; `env` is one of them. */
  readonly extensionData: Readonly<Record<string, ConfigTable>>;
  readonly origin: Origin;
}

/** The kind for people and records: that of a command without one only sets its defaults. */
export function statedKind({ kind, hasNoKind }: CommandDef): Kind | null {
  return hasNoKind ? null : kind;
}

/** A sandbox as declared: a preset's name and changes to it. */
export interface SandboxSetting {
  readonly preset?: string;
  readonly on_uncovered: "warn" | "fail";
  /** The dimensions declared, as text, by their TOML keys. */
  readonly declared: Readonly<Record<string, string>>;
  /** The same, parsed; anything that restricts nothing is left out, paths are as the user wrote them. */
  readonly spec: SandboxSpec;
  /** Only these engines, in this order of preference. */
  readonly engines?: readonly string[];
}

/** `[extensions]` of `config.toml`. */
export interface ExtensionSettings {
  /** Extensions that prepare first, in this order, by name; default `env`, `sandbox`, `platform`. */
  readonly order: readonly string[];
  /** Time limit of one call of a plugin, in milliseconds; default 10 seconds. */
  readonly callTimeoutMs: number;
}

/** One plugin file that was read, for `assay plugin list`. */
export interface PluginFile {
  readonly name: string;
  readonly version?: string;
  readonly file: string;
  readonly dialect: "runners" | "plugins" | "built-in";
  readonly runners: readonly string[];
}

/** The runners of a plugin without a file: one of assay's own, or a module plugin. */
export interface BuiltinRunners {
  readonly name: string;
  readonly version?: string;
  /** Address of a module plugin. */
  readonly url?: string;
  readonly runners: readonly Runner[];
}

/** The extensions whose tables runners and commands may carry. */
export interface ExtensionKeys {
  /** Each extension's `configKey`. */
  readonly keys: readonly string[];
  /** Names of the extensions whose name is not their key, by key. */
  readonly names?: Readonly<Record<string, string>>;
  /** What is wrong with a table, one sentence each, according to the extension itself. */
  validate(key: string, table: ConfigTable): Promise<readonly string[]>;
}

/** What module plugins add to the configuration. */
export interface Contribution extends ExtensionKeys {
  readonly formats: readonly string[];
  /** Engines a sandbox may name. */
  readonly engines?: readonly string[];
  readonly runners: readonly BuiltinRunners[];
  /** Incomplete, because a plugin was never loaded: unknown names are then not errors. */
  readonly isOpen?: boolean;
}

/** What the composition root knows, for checking the configuration. */
export interface LoadOptions {
  readonly builtins: readonly BuiltinRunners[];
  readonly knownFormats: readonly string[];
  /** The built-in engines a sandbox may name; without it any name is accepted. */
  readonly engines?: readonly string[];
  readonly extensions: ExtensionKeys;
  /**
   * Loads the module plugins, or returns what is recorded of them; called once, and only if some are configured.
   * Its errors end the load: without them the rest of the configuration cannot be checked.
   */
  readonly loadModules?: (
    plugins: readonly PluginSetting[],
    modules: ModuleSettings,
    callTimeoutMs: number,
  ) => Promise<Contribution>;
}

export interface Project {
  /** Absolute, real path. */
  readonly root: string;
  /** Runners, the project's own first in file order, then the built-ins that were not replaced. */
  readonly runners: readonly CommandDef[];
  /** Commands of `commands.toml`, by name. */
  readonly commands: readonly CommandDef[];
  readonly plugins: readonly PluginFile[];
  /** Runners that were replaced or switched off, and by what. */
  readonly dropped: readonly {
    readonly id: string;
    readonly origin: Origin;
    readonly def: CommandDef;
    readonly why: string;
  }[];
  /** The default sandbox. */
  readonly sandbox?: SandboxSetting;
  readonly gates: GateRules;
  /** Bytes kept of each stream; default 64 MiB. */
  readonly store: { readonly outputCap: number };
  /** How long to wait for a lock, in milliseconds; default 10 minutes. */
  readonly locks: { readonly timeoutMs: number };
  /** The `[[plugin]]` tables, in their order. */
  readonly modulePlugins: readonly PluginSetting[];
  readonly modules: ModuleSettings;
  readonly extensions: ExtensionSettings;
  /** Files read, relative to the root. */
  readonly files: readonly string[];
}

/** Whether a runner applies to the project, and the evidence. */
export interface Detection {
  readonly def: CommandDef;
  readonly detected: boolean;
  /** `manage.py is there`, or `no file matches "*.gemspec"`. */
  readonly why: string;
}

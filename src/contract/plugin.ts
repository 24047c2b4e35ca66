/** What a plugin provides. */

import type { Annotator } from "./annotator.ts";
import type { SandboxEngine } from "./engine.ts";
import type { Extension } from "./extension.ts";
import type { ReportParser } from "./report.ts";
import type { Runner } from "./runner.ts";

/** Permissions by Deno's names: true grants all, a list only its entries. Anything left out is denied. */
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
  /** Paths of native libraries. Native code has no restrictions. */
  readonly ffi?: boolean | readonly string[];
}

/** What a plugin provides. */
export interface Plugin {
  /** Letters, digits, `_`, `.`, `-`. */
  readonly name: string;
  /** Shown to people. */
  readonly version?: string;
  /** One line for `assay plugin list`. */
  readonly description?: string;
  /** The permissions it needs. It gets those that the user grants. */
  readonly permissions?: PluginPermissions;
  /** Hooks into the life of a command. */
  readonly extensions?: readonly Extension[];
  /** Ways to confine a command. */
  readonly engines?: readonly SandboxEngine[];
  /** Ways to enrich stored events. */
  readonly annotators?: readonly Annotator[];
  /** Readers of report formats. */
  readonly parsers?: readonly ReportParser[];
  /** Runners as `plugins.json` holds them. */
  readonly runners?: readonly Runner[];
}

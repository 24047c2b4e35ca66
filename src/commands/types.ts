/** What a verb is, and what it is called with. */

import type { BuiltinRunners } from "../config/types.ts";
import type { ExitCode } from "../errors.ts";
import type { Io } from "../io.ts";
import type { Extension, ReportParser } from "../plugin.ts";

/** One option of a verb. */
export interface Flag {
  readonly name: string;
  /** A `list` may be given several times. */
  readonly type: "boolean" | "string" | "list";
  /** What its value is called in the usage. */
  readonly value?: string;
  readonly text: string;
}

/** One row of the table of verbs. */
export interface Verb {
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
  readonly flags: readonly Flag[];
  /** A command line and what it does. */
  readonly examples: readonly (readonly [string, string])[];
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
  readonly runners: readonly BuiltinRunners[];
  /** JSON Schemas of report formats of assay's own, by format. */
  readonly reportSchemas: Readonly<Record<string, () => Promise<unknown>>>;
}

/** One call of a verb, its arguments checked. */
export interface Call {
  readonly io: Io;
  readonly verb: Verb;
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
}

/** The flag every verb that works on a project takes. */
export const rootFlag: Flag = {
  name: "root",
  type: "string",
  value: "DIR",
  text: "the project (default: the nearest folder above with .assay/ or .git)",
};

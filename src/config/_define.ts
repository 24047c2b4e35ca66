/** Turns a runner as written, in a plugin file or by assay itself, into the common shape of a command. */

import type { Kind } from "../model.ts";
import type { ConfigTable, Detect, Runner } from "../plugin.ts";
import type { KeyPath } from "../text/positions.ts";
import type { Document } from "./_document.ts";
import { exitCode } from "./_reading.ts";
import { sandboxSetting } from "./sandbox.ts";
import type { RunnerOverride } from "./config_schema.ts";
import type { Sandbox } from "./sandbox_schema.ts";
import type { CommandDef, Origin } from "./types.ts";
import { parseDuration } from "./units.ts";

const minute = 60_000;

/** Time limits of commands that set none. */
const defaultTimeoutMs: Readonly<Record<Kind, number>> = {
  build: 10 * minute,
  test: 10 * minute,
  lint: 5 * minute,
};

export interface Defined {
  readonly def: CommandDef;
  readonly document: Document;
  readonly path: KeyPath;
}

/** The changes to runners, by id. */
export interface Overrides {
  readonly runners: Readonly<Record<string, RunnerOverride>>;
  readonly tables: Readonly<Record<string, ExtensionTables>>;
}

/** What runners and commands have in common, as written and checked. */
type Common = Omit<
  Runner,
  "id" | "kind" | "detect_file" | "command" | "result_format" | "enabled" | "env"
>;

/** The fields of a command that are written the same way everywhere. */
export function commonFields(kind: Kind, entry: Common) {
  return {
    ...(entry.description === undefined ? {} : { description: entry.description }),
    ...(entry.result_file === undefined ? {} : { resultFile: entry.result_file }),
    timeoutMs: milliseconds(entry.timeout) ?? defaultTimeoutMs[kind],
    cwd: entry.cwd ?? ".",
    required: entry.required ?? true,
    failOn: entry.fail_on ?? "error",
    allowNoTests: entry.allow_no_tests ?? false,
    inputs: entry.inputs ?? [],
    ...(entry.files === undefined ? {} : { files: entry.files }),
    ...(entry.lock === undefined ? {} : { lock: entry.lock }),
    // Checked by the schema, which is stricter than the contract.
    ...(entry.sandbox === undefined ? {} : { sandbox: sandboxSetting(entry.sandbox as Sandbox) }),
  } as const;
}

export function defineRunner(
  runner: Runner,
  origin: Origin,
  extensionData: ExtensionTables = {},
): CommandDef {
  return {
    id: runner.id,
    kind: runner.kind,
    source: "runner",
    command: runner.command,
    detect: [runner.detect_file].flat() as readonly Detect[],
    resultFormat: runner.result_format ?? exitCode,
    declaresExitCode: runner.result_format === exitCode,
    written: runner,
    ...commonFields(runner.kind, runner),
    enabled: runner.enabled ?? true,
    captureEnv: [],
    extensionData: withEnv(extensionData, runner.env),
    origin,
  };
}

/** The tables of a command's extensions, by key. */
export type ExtensionTables = CommandDef["extensionData"];

/** The tables with that of the extension `env`, which is written as a separate field. */
export function withEnv(tables: ExtensionTables, env: ConfigTable = {}): ExtensionTables {
  return Object.keys(env).length === 0 ? tables : { env, ...tables };
}

/** Milliseconds of a duration that was checked before. */
export function milliseconds(time: string | number | undefined): number | undefined {
  return time === undefined ? undefined : parseDuration(time);
}

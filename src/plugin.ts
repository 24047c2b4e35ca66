/**
 * The contracts a plugin author writes against: the only file of assay that a plugin imports. Types, the list
 * of reasons and one identity helper, no logic.
 *
 * A plugin is one ESM module whose default export is a {@linkcode Plugin}. What it provides is called by
 * assay in this order: extensions prepare a command, engines wrap it, collectors look at what it did,
 * parsers read its report, extensions store, annotators enrich the events.
 *
 * Every call has a time limit. A call that throws, runs out of time or returns something of another shape
 * costs the plugin's contribution, never the run's record: a `prepare` that fails ends that attempt as
 * unknown (a command that could not be prepared as configured was not checked), anything else is a
 * warning on the attempt.
 *
 * A plugin from a URL runs in its own worker with the permissions it was granted, by default none.
 * What it receives and returns crosses by structured clone: plain data, no class instances, no
 * functions, except the collectors and annotations that the contract names.
 *
 * @example
 * ```ts
 * import { definePlugin } from "assay/plugin";
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

import type { Plugin } from "./contract/plugin.ts";

export type { ConfigTable, Json, JsonObject } from "./contract/json.ts";
export type {
  BrokenReportEvent,
  DeclaredReportEvent,
  DiagnosticReportEvent,
  EndReportEvent,
  NothingCheckedReportEvent,
  ParseContext,
  ReportEvent,
  ReportParser,
  SuiteErrorReportEvent,
  TestReportEvent,
  WarningReportEvent,
} from "./contract/report.ts";
export type { Detect, Runner } from "./contract/runner.ts";
export type { ProgramResult, Services } from "./contract/services.ts";
export type {
  Collector,
  CommandSpec,
  Ending,
  ExecutionResult,
  Extension,
  ExtensionStore,
  OutputHandle,
  SandboxDenial,
} from "./contract/extension.ts";
export type { Capability, Dimension, SandboxSpec } from "./contract/sandbox.ts";
export type {
  EngineHost,
  Probe,
  Review,
  SandboxEngine,
  WrapContext,
  Wrapped,
} from "./contract/engine.ts";
export type {
  Annotator,
  HistoryQuery,
  NewAnnotation,
  RunContext,
  RunMetadata,
} from "./contract/annotator.ts";
export type { Plugin, PluginPermissions } from "./contract/plugin.ts";
export type {
  Display,
  Event,
  Frame,
  Kind,
  Place,
  Reason,
  ReasonCode,
  Severity,
  TestStatus,
  Verdict,
} from "./contract/event.ts";
export { reasonCodes } from "./contract/event.ts";

/** Types a plugin's default export. */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin;
}

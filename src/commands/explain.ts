/** `assay explain NAME`: one runner or command as assay would run it, extension by extension. */

import { relative } from "@std/path";
import { detect } from "../config/detect.ts";
import type { CommandDef, SandboxSetting } from "../config/types.ts";
import { ExitCode } from "../errors.ts";
import type { ExplainOutput } from "../report/outputs.ts";
import { requiredArgument } from "./_arguments.ts";
import { type OpenedProject, openProject } from "./_plugins.ts";
import { rehearsed } from "./_rehearsed.ts";
import { tell } from "./_tell.ts";
import { rootOf } from "./_workspace.ts";
import { findCommand } from "./run.ts";
import type { Call } from "./types.ts";

/** Runs the verb. */
export async function run(call: Call): Promise<ExitCode> {
  const name = requiredArgument(call, "the NAME of a runner or command");
  const root = await rootOf(call);
  const { project, plugins } = await openProject(call, root);
  const def = findCommand(project, name);
  const detection = def.source === "runner" ? await detect(call.io, root, def) : undefined;
  const { origin } = def;
  const report: ExplainOutput = {
    id: def.id,
    kind: def.kind,
    source: def.source,
    description: def.description ?? null,
    command: def.command,
    cwd: def.cwd,
    extension_data: def.extensionData,
    prepared: await preparedOf(call, { project, plugins }, def),
    timeout_ms: def.timeoutMs,
    result_file: def.resultFile ?? null,
    result_format: def.resultFormat,
    fail_on: def.failOn,
    required: def.required,
    allow_no_tests: def.allowNoTests,
    lock: def.lock ?? null,
    sandbox: def.sandbox ? declaredBy(def.sandbox) : null,
    detected: detection?.detected ?? null,
    why: detection?.why ?? "run by name",
    origin: {
      plugin: origin.plugin,
      file: origin.file,
      line: origin.line ?? null,
      dialect: origin.dialect,
    },
  };
  await tell(call, report, ({ explanation }) => explanation(report, call));
  return ExitCode.ok;
}

function declaredBy({ preset, on_uncovered, declared }: SandboxSetting): ExplainOutput["sandbox"] {
  return { ...preset === undefined ? {} : { preset }, on_uncovered, declared };
}

async function preparedOf(
  call: Call,
  opened: Pick<OpenedProject, "project" | "plugins">,
  def: CommandDef,
): Promise<ExplainOutput["prepared"]> {
  const { spec, argv, applied, failed, said } = await rehearsed(call, opened, def);
  return {
    command: spec.command,
    argv,
    cwd: relative(opened.project.root, spec.cwd) || ".",
    timeout_ms: spec.timeoutMs,
    extensions: applied,
    failed: failed ?? null,
    warnings: said,
  };
}

/** `assay explain NAME`: one runner or command as assay would run it, extension by extension. */

import { relative } from "@std/path";
import { detect } from "../config/detect.ts";
import { type CommandDef, type SandboxSetting, statedKind } from "../config/types.ts";
import { usedPlaceholders } from "../config/placeholders.ts";
import type { ExitCode } from "../errors.ts";
import { listFiles, narrowed, planCommands } from "../run/mod.ts";
import type { ExplainOutput } from "../schema/outputs.ts";
import { enginesOf, findCommand, rehearsed } from "./_command.ts";
import { openProject } from "./_plugins.ts";
import { recoveredRoot, tell } from "./_workspace.ts";
import type { Call, OpenedProject } from "./types.ts";

export async function run(call: Call): Promise<ExitCode> {
  const root = await recoveredRoot(call);
  const opened = await openProject(call, root);
  const { project } = opened;
  const def = findCommand(project, call.args[0]!);
  const detection = def.source === "runner" ? await detect(call.io, root, def) : undefined;
  const { origin } = def;
  const batches = await batchesOf(call, root, def);
  const report: ExplainOutput = {
    name: def.id,
    kind: statedKind(def),
    source: def.source,
    description: def.description ?? null,
    command: def.command,
    cwd: def.cwd,
    extension_data: def.extensionData,
    prepared: await preparedOf(call, opened, batches[0] ?? def),
    timeout_ms: def.timeoutMs,
    result_file: def.resultFile ?? null,
    result_format: def.resultFormat,
    fail_on: def.failOn,
    required: def.required,
    allow_no_tests: def.allowNoTests,
    files: filesOf(def, batches),
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
  return await tell(
    call,
    report,
    ({ explanation }) => explanation(report, call, call.flag("argv")),
  );
}

/** The command as `assay verify` would run it: more than once when its files do not fit into one line. */
async function batchesOf({ io }: Call, root: string, def: CommandDef): Promise<CommandDef[]> {
  if (!usedPlaceholders(def.command).includes("files")) return [];
  const plan = await narrowed(planCommands([def]), root, { files: () => listFiles(io, root) });
  return [...plan.commands];
}

function filesOf(def: CommandDef, batches: readonly CommandDef[]): ExplainOutput["files"] {
  if (def.files === undefined) return null;
  const isUsed = usedPlaceholders(def.command).includes("files");
  const matching = batches.reduce((sum, { chosen = [] }) => sum + chosen.length, 0);
  return {
    globs: def.files,
    matching: isUsed ? matching : null,
    batches: isUsed ? batches.length : null,
  };
}

function declaredBy({ preset, on_uncovered, declared }: SandboxSetting): ExplainOutput["sandbox"] {
  return { ...preset === undefined ? {} : { preset }, on_uncovered, declared };
}

async function preparedOf(
  call: Call,
  opened: OpenedProject,
  def: CommandDef,
): Promise<ExplainOutput["prepared"]> {
  const prepared = await rehearsed(call, opened, def);
  const { spec, argv, applied, failed, said } = prepared;
  return {
    command: spec.command,
    engines: enginesOf(prepared).map(({ name, holds }) => ({ name, holds })),
    argv,
    cwd: relative(opened.project.root, spec.cwd) || ".",
    timeout_ms: spec.timeoutMs,
    extensions: applied,
    failed: failed ?? null,
    warnings: said,
  };
}

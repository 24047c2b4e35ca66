/** `assay plugin list` and `check`: all runners and plugins as recorded, or loaded, and whether all is right. */

import { detectAll } from "../config/detect.ts";
import type { Detection, Project } from "../config/types.ts";
import { ExitCode } from "../errors.ts";
import type { ModulePluginRecord, PluginOutput } from "../schema/plugins.ts";
import { plural } from "../text/words.ts";
import { pluginRecord, unloadedRecord } from "./_plugin_record.ts";
import { openProject } from "./_plugins.ts";
import { tell } from "./_tell.ts";
import { recoveredRoot } from "./_workspace.ts";
import type { Call } from "./types.ts";

/** Lists them. */
export async function list(call: Call): Promise<ExitCode> {
  const { report } = await read(call);
  await tell(call, report, ({ pluginTable }) => pluginTable(report, call));
  return ExitCode.ok;
}

/** Reads and loads everything, and says that it is right; what is wrong was thrown before. */
export async function check(call: Call): Promise<ExitCode> {
  const { report, files } = await read(call);
  await tell(call, report, () => checked(report, files));
  return ExitCode.ok;
}

async function read(call: Call): Promise<{ report: PluginOutput; files: readonly string[] }> {
  const root = await recoveredRoot(call);
  const { project, modules, unloaded } = await openProject(call, root);
  const detections = await detectAll(call.io, project);
  const records = [...modules.map(pluginRecord), ...unloaded.map(unloadedRecord)];
  return { report: reportOf(project, records, detections), files: project.files };
}

function checked({ runners, commands, modules }: PluginOutput, files: readonly string[]): string {
  const applying = runners.filter((runner) => runner.detected).length;
  const plugins = modules.map(({ name }) => name).join(", ");
  return `ok: ${files.join(", ") || "no configuration files"}; ` +
    `${plural(runners.length, "runner")}, ${plural(applying, "applies", "apply")}, ` +
    plural(commands.length, "command") +
    (modules.length === 0 ? "\n" : `, ${plural(modules.length, "module plugin")}: ${plugins}\n`);
}

function reportOf(
  project: Project,
  modules: readonly ModulePluginRecord[],
  detections: readonly Detection[],
): PluginOutput {
  return {
    root: project.root,
    modules,
    plugins: project.plugins.map((plugin) => ({ ...plugin })),
    runners: detections.map(({ def, detected, why }) => ({
      name: def.id,
      kind: def.kind,
      detected,
      why,
      enabled: def.enabled,
      required: def.required,
      command: def.command,
      result_format: def.resultFormat,
      plugin: def.origin.plugin,
      file: def.origin.file,
      line: def.origin.line ?? null,
      dialect: def.origin.dialect,
    })),
    commands: project.commands.map((def) => ({
      name: def.id,
      kind: def.kind,
      description: def.description ?? null,
      command: def.command,
      file: def.origin.file,
    })),
    dropped: project.dropped.map(({ id, origin, why }) => ({ name: id, file: origin.file, why })),
  };
}

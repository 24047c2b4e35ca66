/** `assay plugin list` and `check`: runners and plugins as recorded, or loaded, and whether they are valid. */

import { detectAll } from "../config/detect.ts";
import { type Detection, type Project, statedKind } from "../config/types.ts";
import type { ExitCode } from "../errors.ts";
import type { ModulePluginRecord, PluginOutput } from "../schema/plugins.ts";
import { plural } from "../text/words.ts";
import { pluginRecord, unloadedRecord } from "./_plugin_record.ts";
import { openProject } from "./_plugins.ts";
import { recoveredRoot, tell } from "./_workspace.ts";
import type { Call } from "./types.ts";

/** Runs the part of the verb. `check` loads everything; errors are thrown. */
export async function run(call: Call): Promise<ExitCode> {
  const root = await recoveredRoot(call);
  const { project, modules, unloaded } = await openProject(call, root);
  const detections = await detectAll(call.io, project);
  const records = [...modules.map(pluginRecord), ...unloaded.map(unloadedRecord)];
  const report = reportOf(project, records, detections);
  return await tell(
    call,
    report,
    ({ pluginTable }) =>
      call.part === "check"
        ? checked(report, project.files)
        : pluginTable(report, call, call.flag("all")),
  );
}

function checked({ runners, commands, modules }: PluginOutput, files: readonly string[]): string {
  const applying = runners.filter((runner) => runner.detected).length;
  const plugins = modules.map(({ name }) => name).join(", ");
  return `ok: ${files.join(", ") || "no configuration files"}; ` +
    `${plural(runners.length, "runner")}, ${plural(applying, "applies", "apply")}, ` +
    plural(commands.length, "command") +
    (modules.length === 0 ? "\n" : `, ${plural(modules.length, "plugin module")}: ${plugins}\n`);
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
      kind: statedKind(def),
      description: def.description ?? null,
      command: def.command,
      file: def.origin.file,
    })),
    dropped: project.dropped.map(({ id, origin, why }) => ({ name: id, file: origin.file, why })),
  };
}

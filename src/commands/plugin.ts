/** `assay plugin list|check`: which runners there are, where they come from and why each applies. */

import { detectAll } from "../config/detect.ts";
import type { Detection, Project } from "../config/types.ts";
import { ExitCode, UserError } from "../errors.ts";
import { oneArgument } from "./_arguments.ts";
import { tell } from "./_tell.ts";
import { projectOf, rootOf } from "./_workspace.ts";
import type { Call } from "./types.ts";

/** Runs the verb. */
export async function run(call: Call): Promise<ExitCode> {
  const what = oneArgument(call) ?? "list";
  if (what !== "list" && what !== "check") {
    throw new UserError(`assay plugin ${what}: there is only list and check`, {
      code: "usage",
      hint: `usage: ${call.verb.usage}`,
    });
  }
  const root = await rootOf(call);
  const project = await projectOf(call, root);
  const report = pluginReport(project, await detectAll(call.io, project));
  await tell(
    call,
    report,
    ({ pluginTable }) => what === "list" ? pluginTable(report, call) : checked(project, report),
  );
  return ExitCode.ok;
}

function checked({ files }: Project, { runners, commands }: PluginReport): string {
  const applying = runners.filter((runner) => runner.detected).length;
  return `ok: ${files.join(", ") || "no configuration files"}; ${runners.length} runners, ` +
    `${applying} apply, ${commands.length} commands\n`;
}

/** What `assay plugin list --json` prints. */
function pluginReport(project: Project, detections: readonly Detection[]) {
  return {
    root: project.root,
    plugins: project.plugins.map((plugin) => ({ ...plugin })),
    runners: detections.map(({ def, detected, why }) => ({
      id: def.id,
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
      id: def.id,
      kind: def.kind,
      description: def.description ?? null,
      command: def.command,
      file: def.origin.file,
    })),
    dropped: project.dropped.map(({ id, origin, why }) => ({ id, file: origin.file, why })),
  };
}

/** The shape of that. */
export type PluginReport = ReturnType<typeof pluginReport>;
